/// A figure and the expectation for it.
public struct Finding: Sendable, Codable, Equatable {
    /// The name of the measurement.
    public var name: String
    /// The figure with its interval.
    public var estimate: Estimate
    /// The expectation in words.
    public var expected: String
    /// Whether the figure meets the expectation.
    public var holds: Bool

    /// Judges an estimate, whose whole interval must meet the expectation.
    public init(_ name: String, _ estimate: Estimate, _ expectation: Expectation) {
        self.name = name
        self.estimate = estimate
        expected = expectation.description
        holds = expectation.holds(for: estimate)
    }
}

extension Finding: CustomStringConvertible {
    /// `effect of head 2.1: 1.20 [0.90, 1.51]; expected above 0.5`.
    public var description: String { "\(name): \(estimate); expected \(expected)" }
}
