import DataFiles
import Statistics
import Tasks
import TensorCore
import Transformer

/// What one model wrote.
public struct WrittenSide: Sendable, Codable, Equatable {
    /// The texts, in the order of the prompts.
    public var texts: [String]
    /// The outcome of each text, by the rule of its item.
    public var outcomes: [AnswerOutcome]
    /// How many texts had each outcome.
    public var counts: OutcomeCounts
    /// The share of texts that read as refusals (``RefusalPhrases``).
    public var refusals: ShareWithInterval
    /// The share of texts that say nothing that the items' rule knows.
    public var undefined: ShareWithInterval
    /// Lengths, distinct-n and repetition.
    public var summary: TextSummary
    /// Each judge's scores, 0 to 5.
    public var scores: [String: [Double]]
    /// The mean of each judge's ``scores``.
    public var judged: [String: MeanWithInterval]
}

/// The greedy texts of two models after the same prompts.
public struct TextPairs: Sendable, Codable, Equatable {
    /// The prompts, as readable text.
    public var prompts: [String]
    /// The texts of each model, with their scores.
    public var a, b: WrittenSide
    /// The share of prompts after which both write the same text.
    public var sameText: ShareWithInterval
    /// The mean number of tokens before the two texts part; all of their tokens if they don't.
    public var sharedTokens: MeanWithInterval
    /// B's share minus A's, with Newcombe's interval, of texts that read as refusals and of undefined ones.
    public var refusalChange, undefinedChange: PairedProportions
    /// McNemar's tests of the same changes.
    public var refusalTest, undefinedTest: McNemarTest
    /// How well each judge tells labelled texts apart; nil without judges, or without texts to test them on.
    public var judgeChecks: [JudgeCheck]?
    /// Each judge's change, with paired tests.
    public var judgedChanges: [String: PairedChange]
}

extension TextPairs {
    /// Lets both models write at the same time, and judges the texts.
    ///
    /// - Parameters:
    ///   - maxTokens: the most tokens of each text.
    /// - Throws: `InputError` if a prompt is too long or a judge can't judge; `CancellationError`.
    /// - Precondition: the task has items.
    public init(
        _ pair: ModelPair, task: AnswerTask, maxTokens: Int = 24, judges: [any TextJudge] = [],
        judgeExamples: [LabelledText] = [], seed: UInt64 = 0,
        isCancelled: @Sendable @escaping () -> Bool = { Task.isCancelled }
    ) throws {
        precondition(!task.items.isEmpty, "There are no prompts to write after.")
        let tokenizers = pair.tokenizers
        let ids = try pair.both { which, model, workers in
            let texts = try PromptTexts(
                model, prompts: task.items.map(\.prompt), maxTokens: maxTokens,
                endTokens: tokenizers[which].endOfGenerationTokens, workers: workers, isCancelled: isCancelled)
            return try texts.texts([[]])[0]
        }
        let checks = try JudgeCheck.all(judges, on: judgeExamples)
        judgeChecks = checks.isEmpty ? nil : checks
        prompts = try task.items.map { try tokenizers.a.decode($0.prompt) }
        let groups = task.items.map(\.group)
        func side(_ which: ComparedModel, _ ids: [[Int]]) throws -> WrittenSide {
            WrittenSide(
                try WrittenTexts(ids, after: task, tokenizer: tokenizers[which], judges: judges, seed: seed),
                groups: groups)
        }
        a = try side(.a, ids.a)
        b = try side(.b, ids.b)
        sameText = ShareWithInterval(zip(ids.a, ids.b).map { $0 == $1 }, groups: groups)
        sharedTokens = MeanWithInterval(
            zip(ids.a, ids.b).map { Double(zip($0, $1).prefix { $0 == $1 }.count) }, groups: groups, seed: seed)
        let refusals = OfBoth(a: a, b: b).map { $0.texts.map(RefusalPhrases.isRefusal) }
        let undefined = OfBoth(a: a, b: b).map { $0.outcomes.map { $0 == .undefined } }
        refusalChange = PairedProportions(before: refusals.a, after: refusals.b)
        refusalTest = McNemarTest(before: refusals.a, after: refusals.b)
        undefinedChange = PairedProportions(before: undefined.a, after: undefined.b)
        undefinedTest = McNemarTest(before: undefined.a, after: undefined.b)
        judgedChanges = [:]
        for judge in judges {
            guard let before = a.scores[judge.name], let after = b.scores[judge.name] else { continue }
            judgedChanges[judge.name] = PairedChange(before: before, after: after, groups: groups, seed: seed)
        }
    }
}

extension WrittenSide {
    fileprivate init(_ written: WrittenTexts, groups: [String]) {
        texts = written.texts
        outcomes = written.sides
        counts = written.outcomes
        refusals = ShareWithInterval(written.texts.map(RefusalPhrases.isRefusal), groups: groups)
        undefined = ShareWithInterval(written.sides.map { $0 == .undefined }, groups: groups)
        summary = written.summary
        scores = written.scores
        judged = written.judged
    }
}
