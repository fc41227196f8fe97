extension Array {
    /// As many elements as asked for, evenly spaced; all where there are no more.
    package func evenly(_ most: Int) -> [Element] { count <= most ? self : (0..<most).map { self[$0 * count / most] } }
}
