import TensorCore

/// What a result has to reach.
struct Goal: Equatable {
    enum Bound { case atLeast, atMost }

    let bound: Bound
    /// In exact precision.
    let exact: Double
    /// In fast precision.
    let fast: Double

    static func atLeast(exact: Double, fast: Double) -> Goal { Goal(bound: .atLeast, exact: exact, fast: fast) }
    static func atMost(_ value: Double) -> Goal { Goal(bound: .atMost, exact: value, fast: value) }

    /// The number to reach.
    func value(_ precision: Precision) -> Double {
        switch precision {
        case .exact: exact
        case .fast: fast
        }
    }

    /// Whether a result reaches it.
    func isMet(by result: Double, _ precision: Precision) -> Bool {
        bound == .atLeast ? result >= value(precision) : result <= value(precision)
    }
}
