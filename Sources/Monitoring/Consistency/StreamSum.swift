/// Sums of the residual stream, repeated in the order in which a pass takes them.
enum StreamSum {
    static func sum(_ first: [Float], _ second: [Float]) -> [Float] { zip(first, second).map { $0 + $1 } }

    /// The relative difference of values from a sum; nil where they are the same, to the bit.
    static func ratio(_ actual: [Float], _ first: [Float], _ second: [Float]?) -> Double? {
        let differs = actual.withUnsafeBufferPointer { actual in
            first.withUnsafeBufferPointer { first in
                guard let second else { return Self.differs(actual, first) }
                return second.withUnsafeBufferPointer { Self.differs(actual, first, $0) }
            }
        }
        guard differs else { return nil }
        var (difference, norm) = (0.0, 0.0)
        for index in actual.indices {
            let expected = Double(first[index] + (second?[index] ?? 0))
            difference += (Double(actual[index]) - expected) * (Double(actual[index]) - expected)
            norm += expected * expected
        }
        let ratio = (difference / max(norm, .leastNormalMagnitude)).squareRoot()
        return ratio.isNaN ? .infinity : ratio
    }

    private static func differs(_ actual: UnsafeBufferPointer<Float>, _ expected: UnsafeBufferPointer<Float>) -> Bool {
        var count: Int32 = 0
        for index in actual.indices { count &+= actual[index] == expected[index] ? 0 : 1 }
        return count > 0
    }

    private static func differs(
        _ actual: UnsafeBufferPointer<Float>, _ first: UnsafeBufferPointer<Float>,
        _ second: UnsafeBufferPointer<Float>
    ) -> Bool {
        var count: Int32 = 0
        for index in actual.indices { count &+= actual[index] == first[index] + second[index] ? 0 : 1 }
        return count > 0
    }
}
