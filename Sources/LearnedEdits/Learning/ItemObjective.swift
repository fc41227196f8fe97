import Gradients
import TensorCore
import Transformer

/// The objective of a pass for one item, or for one of its completions.
///
/// It has the tokens after the prompt that go through the model, and the scalar whose gradient is computed.
struct ItemObjective {
    /// The tokens that follow the prompt.
    var following: [Int] = []
    var objective: Objective
    /// Whether the objective's value is the item's loss; otherwise it is a part of which only the slope is right.
    var isLoss = true
}

extension LearningItem {
    /// The objectives whose gradients add up to the gradient of the loss.
    ///
    /// Answers that differ only in their last token, such as ` (A)` and ` (B)`, need one text, because their common
    /// tokens cancel in d.
    ///
    /// - Parameters:
    ///   - unedited: d₀.
    ///   - logProbabilities: the log-probability of each answer under the edits, for an item with
    ///     ``needsLogProbabilities``.
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

    /// The tokens that all answers share before their last token; nil if they differ in more than the last token.
    private var commonBeginning: [Int]? {
        guard case .answers(let answers, _) = measure, let first = answers.first?.dropLast() else { return nil }
        return answers.allSatisfy { $0.dropLast() == first } ? Array(first) : nil
    }

    /// A scalar of the next token's logits.
    ///
    /// - Parameters:
    ///   - count: the number of tokens before the next one.
    ///   - body: returns the value and its derivatives by the logits of some tokens.
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

    /// The loss of a completion from one side.
    private static func completion(
        _ completion: [Int], label: Bool, _ loss: PreferenceLoss, unedited: Double
    ) -> ItemObjective {
        let sign = label ? 1.0 : -1
        return ItemObjective(
            following: completion.dropLast(),
            objective: Objective.logProbability(ofCompletion: completion).mapped { total in
                let (value, slope) = loss.value(sign * total, unedited: unedited)
                return (value, slope * sign)
            })
    }
}
