import DataFiles
import TensorCore
import Transformer

/// The scalar function of one text's logits that is differentiated: a weighted sum of terms.
///
/// ```swift
/// let loss = -1 * Objective.logProbability(ofCompletion: answer) + 0.1 * .divergence(fromLogits: before, at: .all)
/// ```
public struct Objective: Sendable {
    /// A part of an objective: a function that turns some rows of logits into a value and its derivative.
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
    ///   - positions: the positions whose logits are read.
    ///   - function: takes the rows and returns the value with its derivative, which has the shape of the logits. It is
    ///     called once per text, on any thread.
    public static func custom(
        at positions: PositionRule = .last, _ function: @escaping @Sendable (LogitRows) throws -> LogitGradient
    ) -> Objective {
        Objective(terms: [Term(weight: 1, positions: positions, evaluate: function)])
    }

    /// The sum of two objectives; the terms keep their order.
    public static func + (first: Objective, second: Objective) -> Objective {
        Objective(terms: first.terms + second.terms)
    }

    /// A multiple of an objective.
    public static func * (weight: Double, objective: Objective) -> Objective {
        Objective(
            terms: objective.terms.map { term in
                var term = term
                term.weight *= weight
                return term
            })
    }

    /// A function of this objective's value, differentiated by the chain rule.
    ///
    /// - Parameter function: returns its value and its derivative with respect to this objective's value.
    /// - Precondition: an objective of one term, so that its value is known where its logits are.
    package func mapped(_ function: @escaping @Sendable (Double) -> (value: Double, slope: Double)) -> Objective {
        precondition(terms.count == 1, "A function is of one term's value.")
        let term = terms[0]
        return .custom(at: term.positions) { rows in
            var inner = try term.evaluate(rows)
            let (value, slope) = function(term.weight * inner.value)
            inner.gradient.elements.withUnsafeMutableBufferPointer { gradient in
                guard let start = gradient.baseAddress else { return }
                Elementwise.scale(start, by: Float(slope * term.weight), count: gradient.count)
            }
            return LogitGradient(value: value, gradient: inner.gradient)
        }
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

/// A function's value at some logits, and its derivative.
public struct LogitGradient: Sendable {
    /// The value of the function.
    public var value: Double
    /// d value / d logits, [positions, V].
    public var gradient: Matrix

    /// A value with its derivative.
    public init(value: Double, gradient: Matrix) {
        self.value = value
        self.gradient = gradient
    }

    /// - Throws: `InputError` of the kind `.usage` if an objective's function gave a derivative of another shape.
    func check(rows: Int, columns: Int) throws {
        guard (gradient.rows, gradient.columns) == (rows, columns) else {
            throw InputError.usage(
                "an objective whose derivative is \(gradient.rows) × \(gradient.columns)",
                remedy: "give one value for each logit, \(rows) × \(columns)")
        }
    }
}
