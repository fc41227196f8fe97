import Statistics
import Tasks
import TensorCore
import Transformer

/// How two models answer the same items.
///
/// Choice questions are scored by the log-probabilities of their answers, contrast prompts by the two sides' next
/// tokens.
public struct AnswerComparison: Sendable, Codable, Equatable {
    /// The number of questions or contrast prompts.
    public var items: Int
    /// The share of items to which both give the same answer, with Wilson's interval over groups.
    ///
    /// For a question the answer is the likeliest one (in both of its versions, each counting half), for a contrast
    /// prompt it is the side.
    public var agreement: ShareWithInterval
    /// The share of items for the behaviour.
    public var accuracyA, accuracyB: ShareWithInterval
    /// The log-odds of the behaviour, or the difference of the two sides' logits.
    public var logitDifferenceA, logitDifferenceB: MeanWithInterval
    /// B's logit difference minus A's, item by item, with paired tests.
    ///
    /// Neither way is wrong here; moving down is counted as the wrong way.
    public var change: PairedChange
    /// The change of the accuracy, with Newcombe's interval; nil unless items are independent of each other and each
    /// has one version.
    public var accuracyChange: PairedProportions?
    /// McNemar's test of ``accuracyChange``; nil if that is.
    public var mcNemar: McNemarTest?
    /// Choice questions by the version of their letters; nil for other items.
    public var choice: ChoiceComparison?
    /// Each model's scores on choice questions; nil for other items.
    public var choiceA, choiceB: ChoiceScores?
}

extension AnswerComparison {
    /// Scores the items with both models at the same time.
    ///
    /// - Throws: `InputError` if an item is too long; `CancellationError`.
    public init(
        _ pair: ModelPair, items: JudgedItems, seed: UInt64 = 0,
        isCancelled: @Sendable @escaping () -> Bool = { Task.isCancelled }
    ) throws {
        let found = try pair.both { _, model, workers in
            let scorer = try ItemScorer(items, model: model, workers: workers, seed: seed, isCancelled: isCancelled)
            return (values: try scorer.values([]), groups: scorer.groups)
        }
        self.init(found.map(\.values), groups: found.a.groups, seed: seed)
    }

    init(_ values: OfBoth<ItemScorer.Values>, groups: [String], seed: UInt64) {
        items = groups.count
        agreement = ShareWithInterval(Self.agreements(values), groups: groups)
        accuracyA = ShareWithInterval(values.a.matches, groups: groups)
        accuracyB = ShareWithInterval(values.b.matches, groups: groups)
        logitDifferenceA = MeanWithInterval(values.a.differences, groups: groups, seed: seed)
        logitDifferenceB = MeanWithInterval(values.b.differences, groups: groups, seed: seed)
        change = PairedChange(
            before: values.a.differences, after: values.b.differences, groups: groups, seed: seed)
        choiceA = values.a.choice
        choiceB = values.b.choice
        if let a = values.a.choice, let b = values.b.choice {
            choice = ChoiceComparison(before: a, after: b, seed: seed)
        }
        let isWhole = (values.a.matches + values.b.matches).allSatisfy { $0 == 0 || $0 == 1 }
        if isWhole, Set(groups).count == groups.count, !groups.isEmpty {
            let sides = values.map { $0.matches.map { $0 == 1 } }
            accuracyChange = PairedProportions(before: sides.a, after: sides.b)
            mcNemar = McNemarTest(before: sides.a, after: sides.b)
        }
    }

    /// For each item, how much of it gets the same answer.
    private static func agreements(_ values: OfBoth<ItemScorer.Values>) -> [Double] {
        guard let a = values.a.choice, let b = values.b.choice else {
            return zip(values.a.differences, values.b.differences).map { ($0 > 0) == ($1 > 0) ? 1 : 0 }
        }
        func likeliest(_ item: ChoiceScores.Item) -> Int? {
            item.answers.indices.max { item.answers[$0] < item.answers[$1] }
        }
        var agreeing: [Int: (sum: Double, count: Double)] = [:]
        for (first, second) in zip(a.items, b.items) {
            agreeing[first.row, default: (0, 0)].sum += likeliest(first) == likeliest(second) ? 1 : 0
            agreeing[first.row, default: (0, 0)].count += 1
        }
        return a.items.filter { !$0.isSwapped }.map { item in agreeing[item.row].map { $0.sum / $0.count } ?? 0 }
    }
}

/// What a plan made for A does in both models.
public struct PlanTransfer: Sendable, Codable, Equatable {
    /// The change of the logit difference that the plan makes, item by item.
    public var changeA, changeB: PairedChange
    /// B's change minus A's.
    public var difference: PairedChange

    /// - Parameter edits: the plan's edits.
    /// - Throws: `InputError` if an item is too long; `CancellationError`.
    public init(
        _ pair: ModelPair, edits: [Edit], items: JudgedItems, seed: UInt64 = 0,
        isCancelled: @Sendable @escaping () -> Bool = { Task.isCancelled }
    ) throws {
        let found = try pair.both { _, model, workers in
            let scorer = try ItemScorer(items, model: model, workers: workers, seed: seed, isCancelled: isCancelled)
            return (
                base: try scorer.values([]).differences, steered: try scorer.values(edits).differences,
                groups: scorer.groups
            )
        }
        let groups = found.a.groups
        let changes = found.map { PairedChange(before: $0.base, after: $0.steered, groups: groups, seed: seed) }
        (changeA, changeB) = (changes.a, changes.b)
        func changed(_ values: (base: [Double], steered: [Double], groups: [String])) -> [Double] {
            zip(values.steered, values.base).map { $0 - $1 }
        }
        difference = PairedChange(before: changed(found.a), after: changed(found.b), groups: groups, seed: seed)
    }
}
