import TensorCore

extension BehaviourDetector {
    /// What a score counts as at most, and where z is no number or too large for one, as an edit far too strong can make it.
    static let largest = 1e6

    /// The score of one of several positions.
    ///
    /// - Parameter z: [L, positions, H · D].
    func score(_ z: UnsafePointer<Float>, rows: Int, row: Int, heads: Int, headSize: Int) -> Double {
        let sum = components.reduce(0.0) { sum, component in
            let own = z + ((component.head.layer * rows + row) * heads + component.head.index) * headSize
            let projection = component.direction.withUnsafeBufferPointer { direction in
                direction.baseAddress.map { Elementwise.dot(own, $0, count: headSize) } ?? 0
            }
            return sum + (Double(projection) - component.mean) / component.sigma
        }
        let mean = sum / Double(components.count)
        return mean.isFinite ? max(-Self.largest, min(mean, Self.largest)) : Self.largest
    }
}
