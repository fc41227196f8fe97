import DataFiles
import Statistics
import Tokenization

/// Written texts with their outcomes, measures and scores.
public struct WrittenTexts: Sendable, Codable, Equatable {
    /// The number of texts with each outcome, by the rules of the items.
    public var outcomes: OutcomeCounts
    /// Lengths, distinct-n and repetition.
    public var summary: TextSummary
    /// Each judge's mean score, 0 to 5.
    public var judged: [String: MeanWithInterval]
    /// The texts themselves.
    public var texts: [String]
    /// The outcome of each text.
    public var sides: [AnswerOutcome]
    /// Each judge's score of every text.
    public var scores: [String: [Double]]

    /// Whether texts read from a file can belong to a task's prompts and these judges.
    package func fit(_ task: AnswerTask, judges: [any TextJudge]) -> Bool {
        let count = task.items.count
        return texts.count == count && sides.count == count && Set(scores.keys) == Set(judges.map(\.name))
            && Set(judged.keys) == Set(scores.keys) && scores.values.allSatisfy { $0.count == count }
    }

    /// Measures and judges the texts written after a task's prompts.
    ///
    /// - Parameters:
    ///   - ids: the tokens of each item's text.
    ///   - tokenizer: the tokenizer of the model that wrote the texts.
    ///   - seed: the seed of the intervals' bootstrap.
    /// - Throws: `InputError` if tokens have no text or a judge can't judge.
    public init(
        _ ids: [[Int]], after task: AnswerTask, tokenizer: Tokenizer, judges: [any TextJudge], seed: UInt64
    ) throws {
        self = try Self.all([ids], after: task, tokenizer: tokenizer, judges: judges, seed: seed)[0]
    }

    /// Measures and judges the texts written after a task's prompts under several conditions.
    ///
    /// All texts are judged together, so that a judge that is a model reads the common beginning of a prompt's texts
    /// only once.
    ///
    /// - Parameter sets: the tokens of each item's text, for each condition.
    /// - Throws: what ``init(_:after:tokenizer:judges:seed:)`` throws.
    package static func all(
        _ sets: [[[Int]]], after task: AnswerTask, tokenizer: Tokenizer, judges: [any TextJudge], seed: UInt64
    ) throws -> [WrittenTexts] {
        var all = try sets.map { try WrittenTexts($0, after: task, tokenizer: tokenizer, seed: seed) }
        let groups = task.items.map(\.group)
        let judged = try task.items.enumerated().flatMap { index, item in
            let prompt = try tokenizer.decode(item.prompt)
            return zip(all, sets).map { written, ids in
                JudgedText(
                    prompt: prompt, text: written.texts[index], promptTokens: item.prompt, tokens: ids[index])
            }
        }
        for judge in judges {
            let scores = try judge.scores(judged)
            for condition in sets.indices {
                let own = stride(from: condition, to: scores.count, by: sets.count).map { scores[$0] }
                all[condition].scores[judge.name] = own
                all[condition].judged[judge.name] = MeanWithInterval(own, groups: groups, seed: seed)
            }
        }
        return all
    }

    private init(_ ids: [[Int]], after task: AnswerTask, tokenizer: Tokenizer, seed: UInt64) throws {
        precondition(ids.count == task.items.count, "Each item has one text.")
        let groups = task.items.map(\.group)
        // Ids of a padded vocabulary have no text.
        let texts = try ids.map {
            try tokenizer.decode($0.filter { $0 < tokenizer.vocabularyCount }, continuing: true)
        }
        self.texts = texts
        sides = zip(task.items, texts).map { $0.parser.outcome($1) }
        outcomes = OutcomeCounts(sides)
        summary = TextSummary(ids: ids, texts: texts, groups: groups, seed: seed)
        scores = [:]
        judged = [:]
    }
}
