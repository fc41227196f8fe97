import DataFiles
import Foundation
import Statistics
import Tasks

/// An item to learn from: a prompt, and a difference d that measures how much the model leans towards the behaviour
/// after it.
///
/// d is the measure that ``HeadSearch`` and evaluations report.
public struct LearningItem: Sendable, Equatable {
    /// The definition of d.
    public enum Measure: Sendable, Equatable {
        /// The mean logit of some next tokens minus that of others, as for contrast prompts.
        case nextTokens(positive: [Int], negative: [Int])
        /// ln Σ p(matching answers) − ln Σ p(other answers), as for choice questions.
        case answers([[Int]], matching: Set<Int>)
        /// ln p(completion) for a labelled text that shows the behaviour, −ln p(completion) for one that doesn't.
        case completion([Int], label: Bool)
    }

    /// The prompt's tokens, at least one.
    public var prompt: [Int]
    /// The definition of d for this item.
    public var measure: Measure
    /// The name of the item's group; items of a group are not independent of each other.
    public var group: String
    /// The number of the question; items with the same number are its versions, whose differences are averaged in
    /// reports.
    public var question: Int

    /// Makes an item.
    ///
    /// - Precondition: the prompt and each completion have at least one token, and both sides have tokens or answers.
    public init(prompt: [Int], measure: Measure, group: String, question: Int) {
        precondition(!prompt.isEmpty, "An item needs a prompt of at least one token.")
        switch measure {
        case .nextTokens(let positive, let negative):
            precondition(!positive.isEmpty && !negative.isEmpty, "A difference needs tokens of both sides.")
        case .answers(let answers, let matching):
            precondition(
                answers.allSatisfy { !$0.isEmpty } && !matching.isEmpty && matching.count < answers.count
                    && matching.allSatisfy(answers.indices.contains),
                "A difference needs answers of both sides, of at least one token.")
        case .completion(let completion, _):
            precondition(!completion.isEmpty, "A completion needs at least one token.")
        }
        self.prompt = prompt
        self.measure = measure
        self.group = group
        self.question = question
    }

    /// The completions whose log-probabilities make up d; none if d is made of the next token's logits.
    var completions: [[Int]] {
        switch measure {
        case .nextTokens: []
        case .answers(let answers, _): answers
        case .completion(let completion, _): [completion]
        }
    }

    /// d from the log-probability of each completion.
    func difference(_ logProbabilities: [Double]) -> Double {
        switch measure {
        case .nextTokens: .nan
        case .answers(_, let matching):
            logSumExp(logProbabilities.indices.filter(matching.contains).map { logProbabilities[$0] })
                - logSumExp(logProbabilities.indices.filter { !matching.contains($0) }.map { logProbabilities[$0] })
        case .completion(_, let label): label ? logProbabilities[0] : -logProbabilities[0]
        }
    }

    /// d d / d ln p of each completion.
    func slopes(_ logProbabilities: [Double]) -> [Double] {
        switch measure {
        case .nextTokens: []
        case .answers(_, let matching):
            logProbabilities.indices.map { index in
                let isMatching = matching.contains(index)
                let side = logProbabilities.indices.filter { matching.contains($0) == isMatching }
                let share = exp(logProbabilities[index] - logSumExp(side.map { logProbabilities[$0] }))
                return isMatching ? share : -share
            }
        case .completion(_, let label): [label ? 1 : -1]
        }
    }

    /// d from the logits of the next token, [V].
    func difference(nextLogits logits: ArraySlice<Float>) -> Double {
        guard case .nextTokens(let positive, let negative) = measure else { return .nan }
        func mean(_ tokens: [Int]) -> Double {
            tokens.reduce(0.0) { $0 + Double(logits[logits.startIndex + $1]) } / Double(tokens.count)
        }
        return mean(positive) - mean(negative)
    }
}

extension Sequence<LearningItem> {
    /// The mean of the values of each question's versions, and the question's group, in the order of the questions.
    func byQuestion(_ values: [Double]) -> (values: [Double], groups: [String]) {
        var order: [Int] = []
        var sums: [Int: (sum: Double, count: Int, group: String)] = [:]
        for (item, value) in zip(self, values) {
            if sums[item.question] == nil { order.append(item.question) }
            sums[item.question, default: (0, 0, item.group)].sum += value
            sums[item.question, default: (0, 0, item.group)].count += 1
        }
        let all = order.compactMap { sums[$0] }
        return (all.map { $0.sum / Double($0.count) }, all.map(\.group))
    }
}
