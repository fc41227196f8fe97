import Statistics
import Tasks
import TensorCore
import Transformer

/// How two models answer the same items: choice questions by the log-probabilities of their answers, contrast prompts by the two
/// sides' next tokens.
public struct AnswerComparison: Sendable, Codable, Equatable {
    /// Questions or contrast prompts.
    public var items: Int
    /// The share of items to which both give the same answer: the likeliest one of a question's (of both its versions, each for
    /// half), or the same side of a contrast prompt. Wilson's interval, over groups.
    public var agreement: ShareWithInterval
    /// The share of items for the behaviour.
    public var accuracyA, accuracyB: ShareWithInterval
    /// The log-odds of the behaviour, or the difference of the two sides' logits.
    public var logitDifferenceA, logitDifferenceB: MeanWithInterval
    /// B's logit difference less A's, item by item, with paired tests. There is no wrong way: what moves down counts as such.
    public var change: PairedChange
    /// The change of the accuracy with Newcombe's interval, and McNemar's test, where items are independent of each other and
    /// each has one version; nil otherwise.
    public var accuracyChange: PairedProportions?
    /// See ``accuracyChange``.
    public var mcNemar: McNemarTest?
    /// Choice questions by version of their letters; nil for other items.
    public var choice: ChoiceComparison?
    /// Each model's scores of choice questions; nil for other items.
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

    /// For each item how much of it gets the same answer.
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

/// What a plan that was made for A does in both models.
public struct PlanTransfer: Sendable, Codable, Equatable {
    /// The change of the logit difference that the plan makes, item by item.
    public var changeA, changeB: PairedChange
    /// B's change less A's.
    public var difference: PairedChange

    /// - Parameter edits: the plan's.
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
