import TensorCore

/// The value that a result must reach.
struct Goal: Equatable {
    enum Bound { case atLeast, atMost }

    let bound: Bound
    /// The value in exact precision.
    let exact: Double
    /// The value in fast precision.
    let fast: Double

    static func atLeast(exact: Double, fast: Double) -> Goal { Goal(bound: .atLeast, exact: exact, fast: fast) }
    static func atMost(_ value: Double) -> Goal { Goal(bound: .atMost, exact: value, fast: value) }

    /// The value for a precision.
    func value(_ precision: Precision) -> Double {
        switch precision {
        case .exact: exact
        case .fast: fast
        }
    }

    /// Whether a result meets the goal.
    func isMet(by result: Double, _ precision: Precision) -> Bool {
        bound == .atLeast ? result >= value(precision) : result <= value(precision)
    }
}
