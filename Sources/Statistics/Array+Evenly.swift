extension Array {
    /// At most `most` elements, evenly spaced; all of them if there are no more.
    package func evenly(_ most: Int) -> [Element] { count <= most ? self : (0..<most).map { self[$0 * count / most] } }
}
