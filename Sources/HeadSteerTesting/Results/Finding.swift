/// A figure, and what was expected of it.
public struct Finding: Sendable, Codable, Equatable {
    /// What was looked at.
    public var name: String
    /// The figure with its interval.
    public var estimate: Estimate
    /// What was expected, in words.
    public var expected: String
    /// Whether it is so.
    public var holds: Bool

    /// Judges an estimate: the whole interval has to meet the expectation.
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
