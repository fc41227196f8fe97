import DataFiles
import DataSets
import Directions
import Intervention
import Statistics
import Tasks
import TensorCore
import Transformer

/// Compares two models: answers, texts, weights, activations, directions.
///
/// ```swift
/// let pair = try ModelPair(models, tokenizers: tokenizers, workers: workers)
/// let report = try ModelComparer(pair).compare(input)
/// print(report.findings.joined(separator: "\n"))
/// ```
public struct ModelComparer {
    /// The models that are compared.
    public let pair: ModelPair
    /// The seed of the random numbers of intervals, tests and folds: the same seed gives the same report.
    public var seed: UInt64
    /// The most tokens of each text.
    public var textTokens = 24
    /// Asked now and then: if it returns true, the work throws `CancellationError`.
    public var isCancelled: @Sendable () -> Bool = { Task.isCancelled }

    /// The most tokens of the data's texts on which activations and distributions are compared.
    public static let mostTokens = 4096
    /// The most texts that directions are tested on.
    public static let mostTexts = 400

    /// A comparison that stops when its task is cancelled.
    public init(_ pair: ModelPair, seed: UInt64 = 0) {
        self.pair = pair
        self.seed = seed
    }

    /// Compares the models.
    ///
    /// - Parameters:
    ///   - parts: keeps the results of finished stages, and has those that are known already.
    ///   - onStage: called with the name of the stage, how much of it is done, and of how much.
    /// - Returns: the report, and how long its parts took.
    /// - Throws: `InputError` if an item is too long or something isn't finite; `CancellationError`.
    public func compare(
        _ input: ComparisonInput, parts: PartJournal = PartJournal(),
        onStage: (_ name: String, _ done: Int, _ of: Int) -> Void = { _, _, _ in }
    ) throws -> (report: ComparisonReport, seconds: [StageSeconds]) {
        var clock = StageClock()
        let c = pair.configuration
        onStage("Comparing weights", 0, c.layers)
        let weights = try finding("weights", parts, where: { $0.fits(c) }) {
            try WeightComparison(
                pair, directions: knownDirections(input),
                onProgress: { onStage("Comparing weights", $0, c.layers) }, isCancelled: isCancelled)
        }
        clock.end("weights")
        let matched = Dictionary(uniqueKeysWithValues: weights.order.map { ($0.layer, $0.queryHeads) })

        let texts = Self.evenly(input.texts.map(\.tokens), tokens: Self.mostTokens)
        onStage("Comparing activations", 0, texts.count)
        let activations = try finding("activations", parts, where: { $0.fits(c) }) {
            try ActivationComparison(
                pair, texts: texts, matched: matched,
                onProgress: { onStage("Comparing activations", $0, texts.count) }, isCancelled: isCancelled)
        }
        clock.end("activations")
        onStage("Comparing distributions", 0, texts.count + input.neutral.count)
        let divergence = try finding("distributions", parts) {
            try TokenDivergence(
                pair, texts: texts, seed: seed,
                onProgress: { onStage("Comparing distributions", $0, texts.count + input.neutral.count) },
                isCancelled: isCancelled)
        }
        let neutral = try finding("distributions on neutral texts", parts) {
            try TokenDivergence(
                pair, texts: input.neutral, seed: seed,
                onProgress: {
                    onStage("Comparing distributions", texts.count + $0, texts.count + input.neutral.count)
                }, isCancelled: isCancelled)
        }
        clock.end("distributions")
        onStage("Comparing answers", 0, 1)
        let answers = try finding("answers", parts) {
            try AnswerComparison(pair, items: input.items, seed: seed, isCancelled: isCancelled)
        }
        let plan = try input.plan.map { plan in
            try finding("plan", parts) {
                try PlanTransfer(
                    pair, edits: plan.edits(c), items: input.items, seed: seed, isCancelled: isCancelled)
            }
        }
        clock.end("answers")
        onStage("Testing directions", 0, 1)
        let tested = try finding("directions", parts, where: { $0.transfer?.fits(c) ?? true }) {
            try testedDirections(input, matched)
        }
        let transfer = tested.transfer
        clock.end("directions")
        onStage("Writing texts", 0, 1)
        let written = try input.answers.map { task in
            try finding("texts", parts, where: { $0.fits(task, input.judges) }) {
                try TextPairs(
                    pair, task: task, maxTokens: textTokens, judges: input.judges, judgeExamples: input.judgeExamples,
                    seed: seed, isCancelled: isCancelled)
            }
        }
        clock.end("texts")
        let transfers = Dictionary(uniqueKeysWithValues: (transfer?.heads ?? []).map { ($0.head, $0.finding) })
        let report = ComparisonReport(
            notes: pair.vocabularyNotes + [tested.note].compactMap(\.self), settings: pair.settings,
            recorded: input.recorded,
            heads: zip(weights.heads, activations.heads).map { weights, activations in
                ComparedHead(
                    head: weights.head, weights: weights.finding, activations: activations.finding,
                    transfer: transfers[weights.head])
            },
            weights: weights, activations: activations, answers: answers, contrastSource: input.source,
            divergence: divergence, neutralDivergence: neutral, texts: written, directionSource: transfer?.source,
            directionTexts: transfer?.texts, plan: plan, seed: seed)
        return (report, clock.stages)
    }

    /// The result of a stage: the one that is kept, or else what `body` finds.
    ///
    /// - Parameter fits: whether the kept result can be of these models and data; what was read from a file may not be.
    private func finding<Value: Codable>(
        _ name: String, _ parts: PartJournal, where fits: (Value) -> Bool = { _ in true }, _ body: () throws -> Value
    ) throws -> Value {
        do {
            return try parts.result(of: name, where: fits, body)
        } catch is EncodingError {
            throw InputError(
                .notFinite, "a NaN or infinite number", in: "the comparison's \(name)",
                remedy: "check the weights of both models and, if there is a plan, its strengths")
        }
    }

    /// The directions of heads in z, by head: those of the file, and for other heads those in the plan's edits.
    private func knownDirections(_ input: ComparisonInput) -> [Head: [Float]] {
        let size = pair.configuration.headSize
        var known: [Head: [Float]] = [:]
        if let file = input.directions, (file.metadata["site"] ?? SiteKind.z.fileName) == SiteKind.z.fileName {
            for head in Head.all(pair.configuration) { known[head] = file["\(head)"]?.vector }
        }
        for edit in input.plan?.plan.edits ?? [] {
            guard let head = edit.head, known[head] == nil else { continue }
            switch edit.direction {
            case .inline(let values)?: known[head] = values.map { Float($0) }
            case .named(let name)?: known[head] = input.plan?.directions?[name]?.vector
            case nil: break
            }
        }
        return known.filter { $0.value.count == size }
    }

    /// Whether directions carry over to B, or why that couldn't be tested.
    private struct TestedDirections: Codable {
        var transfer: DirectionTransfer?
        var note: String?
    }

    private func testedDirections(
        _ input: ComparisonInput, _ matched: [Int: [Int]]
    ) throws -> TestedDirections {
        let texts = input.texts.evenly(Self.mostTexts)
        let rows = GroupedLabels(texts)
        guard Set(rows.labels).count == 2 else {
            return TestedDirections(note: "The texts have only one label, so directions couldn't be tested.")
        }
        let stop = isCancelled
        let tables = try pair.both { _, model, workers in
            try HeadCollection(ActivationReading(model, texts), workers: workers, isCancelled: stop).table
        }
        if let detectors = input.detectors {
            return TestedDirections(
                transfer: DirectionTransfer(
                    testing: detectors.heads, named: detectors.name, on: tables, rows: rows, matched: matched))
        }
        do {
            return TestedDirections(
                transfer: try DirectionTransfer(
                    fitting: tables, rows: rows, matched: matched, seed: seed, workers: pair.workers))
        } catch let error as InputError {
            return TestedDirections(note: "Directions couldn't be tested: \(error.problem).")
        }
    }

    /// Evenly spaced texts, as many as have about this many tokens together.
    static func evenly(_ texts: [[Int]], tokens: Int) -> [[Int]] {
        let all = texts.reduce(0) { $0 + $1.count }
        guard all > tokens, !texts.isEmpty else { return texts }
        return texts.evenly(max(1, texts.count * tokens / all))
    }
}
