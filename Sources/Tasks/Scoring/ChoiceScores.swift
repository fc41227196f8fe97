import DataFiles
import Foundation
import Statistics
import Transformer

/// How a model answers choice questions under some edits, by the log-probabilities of the offered answers.
public struct ChoiceScores: Sendable, Codable, Equatable {
    /// One version of one question.
    public struct Item: Sendable, Codable, Equatable {
        /// The index of the question, from 0.
        public var row: Int
        /// The line of the question in the file; 0 for none.
        public var line: Int
        /// The name of the question's group; questions of a group are not independent.
        public var group: String
        /// Whether the options' texts are swapped between their letters.
        public var isSwapped: Bool
        /// ln p of each answer: the sum over its tokens.
        public var answers: [Double]
        /// Whether the most likely answer shows the behaviour: the best matching answer beats all others; a tie doesn't
        /// count.
        public var matches: Bool
        /// ln Σ p(matching answers) − ln Σ p(other answers): the log-odds of the behaviour among the offered answers,
        /// in nats.
        ///
        /// For two answers that differ in one token, it is the difference of these tokens' logits.
        public var logitDifference: Double
        /// The letters of the answers, in the same order; nil if the answers have no letters.
        public var letters: [String]?

        /// The letter of the most likely answer; nil if the answers have no letters.
        public var letter: String? {
            guard let best = answers.indices.max(by: { answers[$0] < answers[$1] }) else { return nil }
            return letters?[best]
        }
    }

    /// Means over one version of the questions, or over both.
    public struct Summary: Sendable, Codable, Equatable {
        /// The number of questions.
        public var questions: Int
        /// The share of questions whose most likely answer shows the behaviour, with Wilson's interval over groups.
        public var accuracy: ShareWithInterval
        /// The mean of ``Item/logitDifference``, with a bootstrap interval over groups.
        public var logitDifference: MeanWithInterval
    }

    /// All items, in the order of the task.
    public var items: [Item]
    /// The summary of the questions as written.
    public var original: Summary
    /// The summary of the questions with swapped options; nil if there are none.
    public var swapped: Summary?
    /// The summary of the questions that have both versions, each counted with their mean; nil if there are none.
    ///
    /// It is free of a preference for a letter.
    public var both: Summary?
    /// How often each letter is the most likely answer over both versions; nil if no question has both.
    ///
    /// A model that answers by content alone chooses each of two letters in half of the cases.
    public var letters: [String: ShareWithInterval]?
    /// The share of questions whose two versions get an answer of the same side; nil if no question has both.
    public var consistency: ShareWithInterval?

    /// Scores a task.
    ///
    /// - Parameters:
    ///   - logProbabilities: the log-probabilities of each item's answers, token by token, as ``TeacherForcedScorer``
    ///     gives them for the task's prompts and completions.
    ///   - seed: the seed of the bootstrap.
    /// - Precondition: `task` has at least one item, and each answer has its tokens' log-probabilities.
    public init(_ task: ChoiceTask, logProbabilities: [[[Double]]], seed: UInt64 = 0) {
        precondition(!task.items.isEmpty, "A score needs items.")
        precondition(
            logProbabilities.map(\.count) == task.items.map(\.answers.count),
            "Each answer needs its tokens' log-probabilities.")
        self.init(items: zip(task.items, logProbabilities).map { Item($0, logProbabilities: $1) }, seed: seed)
    }

    /// Scores a task with a scorer made from its prompts and completions.
    ///
    /// - Throws: `CancellationError`.
    public init(_ task: ChoiceTask, scorer: TeacherForcedScorer, edits: [Edit] = [], seed: UInt64 = 0) throws {
        self.init(task, logProbabilities: try scorer.logProbabilities(edits: edits), seed: seed)
    }

    init(items: [Item], seed: UInt64) {
        self.items = items
        let written = items.filter { !$0.isSwapped }
        original = Summary(written.map { [$0] }, seed: seed)
        let exchanged = items.filter(\.isSwapped)
        swapped = exchanged.isEmpty ? nil : Summary(exchanged.map { [$0] }, seed: seed)
        let pairs = Self.pairs(items)
        guard !pairs.isEmpty else { return }
        both = Summary(pairs, seed: seed)
        let groups = pairs.map { $0[0].group }
        consistency = ShareWithInterval(pairs.map { $0[0].matches == $0[1].matches }, groups: groups)
        let all = pairs.joined()
        letters = Dictionary(
            uniqueKeysWithValues: Set(all.flatMap { $0.letters ?? [] }).map { letter in
                (letter, ShareWithInterval(all.map { $0.letter == letter }, groups: all.map(\.group)))
            })
    }

    /// The questions that have both versions, each as a pair with the original first.
    static func pairs(_ items: [Item]) -> [[Item]] {
        let swapped = Dictionary(items.filter(\.isSwapped).map { ($0.row, $0) }) { first, _ in first }
        return items.filter { !$0.isSwapped }.compactMap { item in swapped[item.row].map { [item, $0] } }
    }
}

extension ChoiceScores.Item {
    init(_ item: ChoiceItem, logProbabilities: [[Double]]) {
        row = item.row
        line = item.line
        group = item.group
        isSwapped = item.isSwapped
        let sums = logProbabilities.map { $0.reduce(0, +) }
        answers = sums
        let matching = item.matching.sorted().map { sums[$0] }
        let others = sums.indices.filter { !item.matching.contains($0) }.map { sums[$0] }
        matches = (matching.max() ?? -.infinity) > (others.max() ?? -.infinity)
        logitDifference = logSumExp(matching) - logSumExp(others)
        letters = item.answerLetters.map { $0.map { String($0) } }
    }
}

extension ChoiceScores.Summary {
    /// - Parameter questions: the versions of each question, which are averaged.
    fileprivate init(_ questions: [[ChoiceScores.Item]], seed: UInt64) {
        self.questions = questions.count
        let groups = questions.map { $0[0].group }
        accuracy = ShareWithInterval(questions.map(accuracyOf), groups: groups)
        logitDifference = MeanWithInterval(questions.map(differenceOf), groups: groups, seed: seed)
    }
}

/// A comparison of two scores of the same questions, item by item.
public struct ChoiceComparison: Sendable, Codable, Equatable {
    /// The changes over one version of the questions, or over both.
    public struct Change: Sendable, Codable, Equatable {
        /// The change of the logit difference.
        public var logitDifference: PairedChange
        /// The change of the accuracy, with a bootstrap interval over groups.
        public var accuracy: MeanWithInterval
        /// McNemar's test of the change of the accuracy by item; nil over both versions, which depend on each other.
        public var mcNemar: McNemarTest?
        /// The change of the accuracy with Newcombe's interval; nil over both versions.
        public var newcombe: PairedProportions?
    }

    /// The changes over the questions as written.
    public var original: Change
    /// The changes over the questions with swapped options; nil if there are none.
    public var swapped: Change?
    /// The changes over the questions that have both versions, each counted with their mean; nil if there are none.
    public var both: Change?

    /// Compares two scores of the same task.
    ///
    /// - Parameters:
    ///   - before, after: scores of the same task.
    ///   - intended: +1 if the behaviour should become more likely, −1 if less likely.
    /// - Precondition: both scores are of the same items.
    public init(before: ChoiceScores, after: ChoiceScores, intended: Int = 1, seed: UInt64 = 0) {
        precondition(
            before.items.elementsEqual(after.items) { $0.row == $1.row && $0.isSwapped == $1.isSwapped },
            "Only scores of the same items can be compared.")
        func change(_ select: ([ChoiceScores.Item]) -> [[ChoiceScores.Item]]) -> Change? {
            let (first, second) = (select(before.items), select(after.items))
            return first.isEmpty ? nil : Change(before: first, after: second, intended: intended, seed: seed)
        }
        original = Change(
            before: before.items.filter { !$0.isSwapped }.map { [$0] },
            after: after.items.filter { !$0.isSwapped }.map { [$0] }, intended: intended, seed: seed)
        swapped = change { $0.filter(\.isSwapped).map { [$0] } }
        both = change { ChoiceScores.pairs($0) }
    }
}

extension ChoiceComparison.Change {
    /// - Parameter before, after: the versions of each question, which are averaged.
    fileprivate init(before: [[ChoiceScores.Item]], after: [[ChoiceScores.Item]], intended: Int, seed: UInt64) {
        let groups = before.map { $0[0].group }
        logitDifference = PairedChange(
            before: before.map(differenceOf), after: after.map(differenceOf), groups: groups, intended: intended,
            seed: seed)
        accuracy = MeanWithInterval(
            zip(after, before).map { accuracyOf($0) - accuracyOf($1) }, groups: groups, seed: seed)
        if before.allSatisfy({ $0.count == 1 }), !before.isEmpty {
            let (first, second) = (before.map { $0[0].matches }, after.map { $0[0].matches })
            mcNemar = McNemarTest(before: first, after: second)
            newcombe = PairedProportions(before: first, after: second)
        }
    }
}

/// The share of a question's versions whose most likely answer shows the behaviour.
private func accuracyOf(_ versions: [ChoiceScores.Item]) -> Double {
    Double(versions.count(where: \.matches)) / Double(versions.count)
}

/// The mean logit difference of a question's versions.
private func differenceOf(_ versions: [ChoiceScores.Item]) -> Double {
    versions.reduce(0) { $0 + $1.logitDifference } / Double(versions.count)
}
