import TensorCore
import Transformer

/// Scores items under one set of edits after another; the prompts go through the model once.
///
/// Use a scorer from one thread at a time.
public final class ItemScorer {
    /// The values of the items under some edits.
    public struct Values: Sendable, Codable {
        /// The logit difference of each question (the mean of both versions) or contrast prompt.
        public var differences: [Double]
        /// Whether each question or prompt speaks for the behaviour: 1 or 0, or 0.5 if the two versions of a question
        /// disagree.
        public var matches: [Double]
        /// The scores of every question; nil for contrast prompts.
        public var choice: ChoiceScores?

        /// Makes values that were measured elsewhere.
        package init(differences: [Double], matches: [Double], choice: ChoiceScores?) {
            self.differences = differences
            self.matches = matches
            self.choice = choice
        }

        /// Whether values read from a file can belong to these items.
        package func fit(_ items: JudgedItems) -> Bool {
            let count = items.groups.count
            guard differences.count == count, matches.count == count else { return false }
            guard case .choice(let task) = items else { return choice == nil }
            return choice?.items.elementsEqual(task.items) { scored, item in
                (scored.row, scored.isSwapped, scored.group) == (item.row, item.isSwapped, item.group)
                    && scored.answers.count == item.answers.count
            } ?? false
        }
    }

    /// The group of each question or contrast prompt.
    public let groups: [String]
    private let items: JudgedItems
    private let scorer: TeacherForcedScorer
    private let seed: UInt64

    /// Runs the model over the items' prompts, except their last tokens.
    ///
    /// - Throws: `InputError` if an item is too long; `CancellationError`.
    public init(
        _ items: JudgedItems, model: LanguageModel, workers: WorkerPool, seed: UInt64 = 0,
        isCancelled: @escaping () -> Bool = { Task.isCancelled }
    ) throws {
        self.items = items
        self.seed = seed
        groups = items.groups
        switch items {
        case .choice(let task):
            scorer = try TeacherForcedScorer(
                model, prompts: task.prompts, completions: task.completions, workers: workers, isCancelled: isCancelled)
        case .contrast(let items):
            scorer = try TeacherForcedScorer(
                model, prompts: items.map(\.prompt), workers: workers, isCancelled: isCancelled)
        }
    }

    /// The values of the items under some edits.
    ///
    /// - Throws: `CancellationError`.
    public func values(_ edits: [Edit]) throws -> Values {
        switch items {
        case .choice(let task):
            let scores = try ChoiceScores(task, scorer: scorer, edits: edits, seed: seed)
            var versions: [Int: [ChoiceScores.Item]] = [:]
            for item in scores.items { versions[item.row, default: []].append(item) }
            let rows = scores.items.filter { !$0.isSwapped }.map { versions[$0.row] ?? [$0] }
            return Values(
                differences: rows.map { $0.reduce(0) { $0 + $1.logitDifference } / Double($0.count) },
                matches: rows.map { Double($0.count(where: \.matches)) / Double($0.count) }, choice: scores)
        case .contrast(let items):
            let logits = try scorer.lastLogits(edits: edits)
            let differences = zip(items, logits).map { item, logits in
                item.difference(item.tokens.map { logits[$0] })
            }
            return Values(differences: differences, matches: differences.map { $0 > 0 ? 1 : 0 }, choice: nil)
        }
    }

    /// The logits of the whole vocabulary at the last prompt position of each contrast prompt or unswapped question.
    package func lastLogits(_ edits: [Edit]) throws -> [[Float]] {
        let logits = try scorer.lastLogits(edits: edits)
        guard case .choice(let task) = items else { return logits }
        return zip(task.items, logits).filter { !$0.0.isSwapped }.map(\.1)
    }
}
