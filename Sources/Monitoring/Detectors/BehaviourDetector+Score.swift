import TensorCore

extension BehaviourDetector {
    /// The largest magnitude of a score, and the score if it isn't finite, as an edit far too strong can make it.
    static let largest = 1e6

    /// The score of one position.
    ///
    /// - Parameter z: z of each layer, [positions, H · D].
    func score(_ z: [Matrix], row: Int, headSize: Int) -> Double {
        let sum = components.reduce(0.0) { sum, component in
            let layer = z[component.head.layer]
            let start = row * layer.columns + component.head.index * headSize
            let projection = layer.elements.withUnsafeBufferPointer { values in
                component.direction.withUnsafeBufferPointer { direction in
                    guard let values = values.baseAddress, let direction = direction.baseAddress else {
                        return Float(0)
                    }
                    return Elementwise.dot(values + start, direction, count: headSize)
                }
            }
            return sum + (Double(projection) - component.mean) / component.sigma
        }
        let mean = sum / Double(components.count)
        return mean.isFinite ? max(-Self.largest, min(mean, Self.largest)) : Self.largest
    }
}
