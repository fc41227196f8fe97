import DataFiles
import Foundation
import TensorCore
import Transformer

extension Objective {
    /// The mean logit of some tokens minus the mean logit of others, at the last prompt token.
    ///
    /// - Parameters:
    ///   - positive: the tokens whose logits are added, at least one.
    ///   - negative: the tokens whose logits are subtracted; may be empty.
    public static func logitDifference(_ positive: [Int], _ negative: [Int]) -> Objective {
        custom { rows in
            try rows.check(tokens: positive + negative)
            var result = LogitGradient(
                value: 0, gradient: Matrix(rows: rows.logits.rows, columns: rows.logits.columns))
            for (tokens, sign) in [(positive, 1.0), (negative, -1.0)] {
                let share = sign / Double(tokens.count)
                for token in tokens {
                    result.value += share * Double(rows.logits[0, token])
                    result.gradient[0, token] += Float(share)
                }
            }
            return result
        }
    }

    /// The log-probability of a teacher-forced completion: the sum of the natural logarithms of its tokens'
    /// probabilities.
    ///
    /// Token i is read at the position before it, P − 1 + i.
    public static func logProbability(ofCompletion completion: [Int]) -> Objective {
        custom { rows in try rows.logProbability(of: completion) }
    }

    /// The Kullback-Leibler divergence KL(p ‖ q) in nats, as a mean over positions, where p are stored distributions
    /// and q are those of the text.
    ///
    /// - Parameters:
    ///   - stored: logits of p, [positions, V], as a ``Run`` gives them for the same positions.
    ///   - positions: the positions to compare; by default the last prompt token and every token after it.
    public static func divergence(fromLogits stored: Matrix, at positions: PositionRule = .last) -> Objective {
        custom(at: positions) { rows in
            guard (stored.rows, stored.columns) == (rows.logits.rows, rows.logits.columns) else {
                throw InputError.usage(
                    "stored logits of \(stored.rows) positions and \(stored.columns) tokens for \(rows.logits.rows) "
                        + "positions and \(rows.logits.columns) tokens", remedy: "store those of the same positions")
            }
            var result = LogitGradient(value: 0, gradient: Matrix(rows: stored.rows, columns: stored.columns))
            let share = 1 / Double(stored.rows)
            for row in 0..<stored.rows {
                let p = Distribution(stored.row(row))
                let q = Distribution(rows.logits.row(row))
                var sum = 0.0
                for (token, probability) in p.probabilities.enumerated() where probability > 0 {
                    sum += Double(probability) * (Double(stored[row, token]) - Double(rows.logits[row, token]))
                }
                result.value += share * (sum - p.logSum + q.logSum)
                result.gradient.replace(
                    row: row, by: zip(p.probabilities, q.probabilities).map { Float(share) * ($1 - $0) })
            }
            return result
        }
    }
}

/// The softmax of a row of logits.
private struct Distribution {
    let probabilities: [Float]
    /// log Σ e^logit
    let logSum: Double

    init(_ logits: ArraySlice<Float>) {
        var values = Array(logits)
        var largest = (logit: -Float.infinity, token: 0)
        values.withUnsafeMutableBufferPointer { values in
            guard let start = values.baseAddress else { return }
            for token in values.indices where values[token] > largest.logit { largest = (values[token], token) }
            Elementwise.softmax(start, count: values.count)
        }
        probabilities = values
        // The largest logit has the probability 1 / Σ e^(logit − largest).
        logSum = Double(largest.logit) - log(Double(values[largest.token]))
    }
}

extension Matrix {
    fileprivate mutating func replace(row: Int, by values: [Float]) {
        elements.replaceSubrange((row * columns)..<((row + 1) * columns), with: values)
    }
}

extension LogitRows {
    /// The log-probability of a completion whose token i is read at row i, with its derivative.
    ///
    /// - Throws: `InputError` of the kind `.usage` if there is no token, a token that the model doesn't have, or a
    ///   token without a row.
    fileprivate func logProbability(of completion: [Int]) throws -> LogitGradient {
        try check(tokens: completion)
        guard logits.rows >= completion.count else {
            throw InputError.usage(
                "a completion of \(completion.count) tokens in a text with \(logits.rows) positions to predict it",
                remedy: "give the text the prompt and the completion")
        }
        var result = LogitGradient(value: 0, gradient: Matrix(rows: logits.rows, columns: logits.columns))
        for (row, token) in completion.enumerated() {
            let distribution = Distribution(logits.row(row))
            result.value += Double(logits[row, token]) - distribution.logSum
            result.gradient.replace(row: row, by: distribution.probabilities.map { -$0 })
            result.gradient[row, token] += 1
        }
        return result
    }

    fileprivate func check(tokens: [Int]) throws {
        if let token = tokens.first(where: { $0 < 0 || $0 >= logits.columns }) {
            throw InputError.usage(
                "an objective of the token \(token), which the model doesn't have",
                remedy: "its tokens are 0 to \(logits.columns - 1)")
        }
        guard logits.rows > 0, !tokens.isEmpty else {
            throw InputError.usage("an objective that reads no logits", remedy: "give it tokens and positions")
        }
    }
}
