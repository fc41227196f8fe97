import Foundation
import Gradients
import Statistics
import TensorCore
import Transformer

/// What a pass is asked for of one item, or of one of its completions: the tokens after the prompt that go through the model, and
/// the scalar whose gradient is taken.
struct ItemObjective {
    /// What follows the prompt.
    var following: [Int] = []
    var objective: Objective
    /// Whether the objective's value is the item's loss; else it is a part whose slope alone is right.
    var isLoss = true
}

extension LearningItem {
    /// The objectives whose gradients add up to that of the loss.
    ///
    /// Answers that differ in their last token alone, as ` (A)` and ` (B)` do, take one text: what they have in common leaves d.
    ///
    /// - Parameters:
    ///   - unedited: d₀.
    ///   - logProbabilities: of each answer under the edits, for an item that ``needsLogProbabilities``.
    func objectives(_ loss: PreferenceLoss, unedited: Double, logProbabilities: [Double]) -> [ItemObjective] {
        switch measure {
        case .nextTokens(let positive, let negative):
            let weights =
                positive.map { (token: $0, weight: 1 / Double(positive.count)) }
                + negative.map { (token: $0, weight: -1 / Double(negative.count)) }
            return [
                Self.next(after: prompt.count) { [self] logits in
                    let (value, slope) = loss.value(difference(nextLogits: logits), unedited: unedited)
                    return (value, weights.map { ($0.token, slope * $0.weight) })
                }
            ]
        case .completion(let completion, let label):
            return [Self.completion(completion, label: label, loss, unedited: unedited)]
        case .answers(let answers, _):
            if let common = commonBeginning {
                var objective = Self.next(after: prompt.count + common.count) { [self] logits in
                    let last = answers.map { Double(logits[logits.startIndex + ($0.last ?? 0)]) }
                    let (value, slope) = loss.value(difference(last), unedited: unedited)
                    return (value, zip(answers, slopes(last)).map { ($0.last ?? 0, slope * $1) })
                }
                objective.following = common
                return [objective]
            }
            let slope = loss.value(difference(logProbabilities), unedited: unedited).slope
            return zip(answers, slopes(logProbabilities)).map { answer, share in
                ItemObjective(
                    following: answer.dropLast(), objective: slope * share * .logProbability(ofCompletion: answer),
                    isLoss: false)
            }
        }
    }

    /// Whether the gradient needs the answers' log-probabilities first.
    var needsLogProbabilities: Bool {
        if case .answers = measure { commonBeginning == nil } else { false }
    }

    /// What all answers have but for their last token; nil where they differ in more.
    private var commonBeginning: [Int]? {
        guard case .answers(let answers, _) = measure, let first = answers.first?.dropLast() else { return nil }
        return answers.allSatisfy { $0.dropLast() == first } ? Array(first) : nil
    }

    /// A scalar of the next token's logits.
    ///
    /// - Parameters:
    ///   - count: how many tokens go before.
    ///   - body: gives the value, and its derivatives by the logits of some tokens.
    private static func next(
        after count: Int,
        _ body: @escaping @Sendable (ArraySlice<Float>) -> (value: Double, slopes: [(token: Int, slope: Double)])
    ) -> ItemObjective {
        ItemObjective(
            objective: .custom(at: .range(from: count - 1, to: count)) { rows in
                let (value, slopes) = body(rows.logits.row(0))
                var gradient = Matrix(rows: 1, columns: rows.logits.columns)
                for (token, slope) in slopes { gradient[0, token] += Float(slope) }
                return LogitGradient(value: value, gradient: gradient)
            })
    }

    /// The loss of a completion of one side.
    private static func completion(
        _ completion: [Int], label: Bool, _ loss: PreferenceLoss, unedited: Double
    ) -> ItemObjective {
        ItemObjective(
            following: completion.dropLast(),
            objective: .custom(at: .last) { rows in
                let logits = rows.logits
                let sign = label ? 1.0 : -1
                let sums = completion.indices.map { logSumExp(logits.row($0).map(Double.init)) }
                let total = completion.indices.reduce(0) { $0 + Double(logits[$1, completion[$1]]) - sums[$1] }
                let (value, slope) = loss.value(sign * total, unedited: unedited)
                var gradient = Matrix(rows: logits.rows, columns: logits.columns)
                for row in completion.indices {
                    for token in 0..<logits.columns {
                        gradient[row, token] = Float(-slope * sign * exp(Double(logits[row, token]) - sums[row]))
                    }
                    gradient[row, completion[row]] += Float(slope * sign)
                }
                return LogitGradient(value: value, gradient: gradient)
            })
    }
}
