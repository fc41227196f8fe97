import DataFiles

/// A comparison of two tensors: where they first differ by more than a tolerance, where they differ most, and how
/// often.
///
/// ```swift
/// let comparison = TensorComparison(z, reference, shape: [9, 64], tolerance: .float32)
/// XCTAssertTrue(comparison.agrees, "z of layer 12: \(comparison)")
/// ```
///
/// A NaN differs from everything, and an infinity from everything but itself.
public struct TensorComparison: Sendable, Equatable {
    /// A place and the values there.
    public struct Difference: Sendable, Equatable {
        /// The index along each axis.
        public var place: [Int]
        /// The value that was computed.
        public var actual: Float
        /// The value that was expected.
        public var expected: Float
        /// The magnitude of the difference; infinite if a value is NaN.
        public var magnitude: Double
    }

    /// How many values were computed.
    public let actualCount: Int
    /// How many values were expected; if the counts differ, the tensors don't agree.
    public let expectedCount: Int
    /// The first difference beyond the tolerance, in the order of the values.
    public let first: Difference?
    /// The largest difference, within the tolerance or not; nil if all values are the same.
    public let largest: Difference?
    /// How many values differ by more than the tolerance.
    public let differing: Int
    /// The largest magnitude among the expected values.
    public let scale: Double
    /// The difference that was allowed.
    public let allowed: Double

    /// - Parameters:
    ///   - shape: the size of each axis, the last one contiguous; nil for a list. Places are given as indices into it.
    ///   - tolerance: by default none, so that only the same values agree.
    /// - Complexity: O(values).
    public init(
        _ actual: some Collection<Float>, _ expected: some Collection<Float>, shape: [Int]? = nil,
        tolerance: Tolerance = .exact
    ) {
        precondition(
            shape.map { $0.reduce(1, *) == expected.count } ?? true, "The shape has as many values as are expected.")
        actualCount = actual.count
        expectedCount = expected.count
        let scale = expected.reduce(0.0) { $1.isFinite ? max($0, Double($1.magnitude)) : $0 }
        let allowed = tolerance.allowed(scale: scale)
        var first: (Int, Float, Float, Double)?
        var largest: (Int, Float, Float, Double)?
        var differing = 0
        for (index, (a, e)) in zip(actual, expected).enumerated() {
            guard a != e else { continue }
            let difference = abs(Double(a) - Double(e))
            let magnitude = difference.isNaN ? .infinity : difference
            if magnitude > allowed {
                differing += 1
                if first == nil { first = (index, a, e, magnitude) }
            }
            if magnitude > largest?.3 ?? 0 { largest = (index, a, e, magnitude) }
        }
        let place = { (index: Int) in Self.place(index, shape ?? [expected.count]) }
        self.first = first.map { Difference(place: place($0.0), actual: $0.1, expected: $0.2, magnitude: $0.3) }
        self.largest = largest.map { Difference(place: place($0.0), actual: $0.1, expected: $0.2, magnitude: $0.3) }
        self.differing = differing
        self.scale = scale
        self.allowed = allowed
    }

    /// Whether there are as many values as expected, and none differs by more than the tolerance.
    public var agrees: Bool { actualCount == expectedCount && differing == 0 }

    private static func place(_ index: Int, _ shape: [Int]) -> [Int] {
        var rest = index
        var place: [Int] = []
        for extent in shape.reversed() {
            place.insert(rest % max(extent, 1), at: 0)
            rest /= max(extent, 1)
        }
        return place
    }
}

extension TensorComparison: CustomStringConvertible {
    /// One line: how many values differ, the first difference and the largest one.
    public var description: String {
        guard actualCount == expectedCount else {
            return "\(actualCount) values instead of \(expectedCount)"
        }
        guard let largest else { return "all \(actualCount) values are the same" }
        guard let first else {
            return "\(actualCount) values within \(allowed), the largest difference \(Self.text(largest))"
        }
        return "\(differing) of \(actualCount) values differ by more than \(allowed): the first \(Self.text(first)), "
            + "the largest \(Self.text(largest))"
    }

    private static func text(_ difference: Difference) -> String {
        let place = difference.place.map(String.init).joined(separator: ", ")
        return "at [\(place)]: \(difference.actual) instead of \(difference.expected), off by \(difference.magnitude)"
    }
}
