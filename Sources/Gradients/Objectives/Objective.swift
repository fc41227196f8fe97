import DataFiles
import TensorCore
import Transformer

/// A scalar of one text's logits: what is differentiated. A weighted sum of terms.
///
/// ```swift
/// let loss = Objective.crossEntropy(ofCompletion: answer) + 0.1 * .divergence(fromLogits: before, at: .all)
/// ```
public struct Objective: Sendable {
    /// A part of an objective: some rows of logits become a value and its derivative.
    struct Term: Sendable {
        var weight: Double
        /// The positions whose logits are read.
        let positions: PositionRule
        let evaluate: @Sendable (LogitRows) throws -> LogitGradient
    }

    private(set) var terms: [Term]

    /// Any function of the logits at some positions.
    ///
    /// - Parameters:
    ///   - positions: whose logits are read.
    ///   - function: takes the rows and gives the value with its derivative, of the shape of the logits. It is called once a text,
    ///     on any thread.
    public static func custom(
        at positions: PositionRule = .last, _ function: @escaping @Sendable (LogitRows) throws -> LogitGradient
    ) -> Objective {
        Objective(terms: [Term(weight: 1, positions: positions, evaluate: function)])
    }

    /// Both together; the terms keep their order.
    public static func + (first: Objective, second: Objective) -> Objective {
        Objective(terms: first.terms + second.terms)
    }

    /// A multiple.
    public static func * (weight: Double, objective: Objective) -> Objective {
        Objective(
            terms: objective.terms.map { term in
                var term = term
                term.weight *= weight
                return term
            })
    }
}

/// The logits that a term of an objective reads.
public struct LogitRows: Sendable {
    /// The positions, ascending.
    public let positions: [Int]
    /// P, the length of the text's prompt.
    public let promptCount: Int
    /// The logits, [positions, V], after a multiplier and a soft cap.
    public let logits: Matrix
}

/// A value of logits and its derivative.
public struct LogitGradient: Sendable {
    /// The value.
    public var value: Double
    /// d value / d logits, [positions, V].
    public var gradient: Matrix

    /// A value with its derivative.
    public init(value: Double, gradient: Matrix) {
        self.value = value
        self.gradient = gradient
    }

    /// - Throws: `InputError` of the kind `.usage` where an objective's function gave a derivative of another shape.
    func check(rows: Int, columns: Int) throws {
        guard (gradient.rows, gradient.columns) == (rows, columns) else {
            throw InputError.usage(
                "an objective whose derivative is \(gradient.rows) × \(gradient.columns)",
                remedy: "give one value for each logit, \(rows) × \(columns)")
        }
    }
}
