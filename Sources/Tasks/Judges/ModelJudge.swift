import DataFiles
import DataSets
import Foundation
import TensorCore
import Tokenization
import Transformer

/// A judge that asks a language model a fixed question about each text and reads the odds of its two answers: any model, also
/// the one that wrote the texts, which reads them unedited.
///
/// The question goes through the model's chat template, where it has one, with the answers lettered (A) and (B), and once more
/// with the letters exchanged, as models prefer a letter. With l₁ and l₂ the log-odds of the answer for the behaviour in both orders,
/// teacher-forced, the score is 5 / (1 + exp(−(l₁ + l₂) / 2)): 2.5 for a model that can't decide.
///
/// A model that is asked need not know: ``JudgeCheck`` tells how well it judges texts whose labels are known.
///
/// Special tokens that are written in a text are left out, so that no text can end its own quotation.
public struct ModelJudge: TextJudge {
    /// What reports call it.
    public let name: String
    /// What is asked.
    public let question: JudgeQuestion
    /// Asked before each layer: if it returns true, the work throws `CancellationError`.
    public var isCancelled: @Sendable () -> Bool = { Task.isCancelled }

    private let model: LanguageModel
    private let tokenizer: Tokenizer
    private let workers: WorkerPool

    /// A judge that asks that model, without edits.
    public init(
        _ name: String = "model", asking model: LanguageModel, tokenizer: Tokenizer, _ question: JudgeQuestion,
        workers: WorkerPool
    ) {
        self.name = name
        self.model = model
        self.tokenizer = tokenizer
        self.question = question
        self.workers = workers
    }

    /// - Throws: `InputError` if a text with the question is longer than the model's context, or the chat template can't be
    ///   applied; `CancellationError`.
    public func scores(_ texts: [JudgedText]) throws -> [Double] { try judgements(texts).map(\.score) }

    /// The scores, with that of each order: the answer for the behaviour at (A), then at (B).
    ///
    /// - Throws: as ``scores(_:)``.
    /// - Complexity: about one pass over each text with the question: both orders share what comes before the answers. Memory: half
    ///   a gigabyte of keys and values at most, whatever the number of texts.
    public func judgements(_ texts: [JudgedText]) throws -> [Judgement] {
        try logOdds(texts).map { orders in
            Judgement(score: Self.score((orders[0] + orders[1]) / 2), orders: orders.map(Self.score))
        }
    }

    /// The log-odds of the answer for the behaviour in both orders, in nats, [texts][2].
    ///
    /// - Throws: as ``scores(_:)``.
    public func logOdds(_ texts: [JudgedText]) throws -> [[Double]] {
        guard !texts.isEmpty else { return [] }
        let options = ChoiceTaskOptions(
            swapsLetters: false, usesChatTemplate: tokenizer.chatTemplate != nil, context: model.configuration.context)
        let questions = texts.flatMap { text in
            [true, false].map { isFirst in
                ChoiceQuestion(
                    question: question.message(
                        about: quoted(text.text), after: quoted(text.prompt), isAffirmativeFirst: isFirst),
                    matching: [isFirst ? " (A)" : " (B)"], notMatching: [isFirst ? " (B)" : " (A)"])
            }
        }
        let task = try ChoiceTask(questions, tokenizer: tokenizer, options: options, file: "the judge \(name)")
        // Each prompt is asked once, so that none is kept; in this order those that begin alike go through the model together.
        let order = task.prompts.indices.sorted { task.prompts[$0].lexicographicallyPrecedes(task.prompts[$1]) }
        let scorer = try TeacherForcedScorer(
            model, prompts: order.map { task.prompts[$0] }, completions: order.map { task.completions[$0] },
            workers: workers, cacheBytes: 0, isCancelled: isCancelled)
        var answers = [[Double]](repeating: [], count: order.count)
        for (place, found) in zip(order, try scorer.logProbabilities()) {
            answers[place] = found.map { $0.reduce(0, +) }
        }
        return texts.indices.map { text in [2 * text, 2 * text + 1].map { answers[$0][0] - answers[$0][1] } }
    }

    /// A text without the special tokens that are written in it, and without white space around it.
    private func quoted(_ text: String) -> String {
        var text = text
        for token in tokenizer.specialTokens where token.attribute == .control && text.contains(token.text) {
            text = text.replacing(token.text, with: "\n")
        }
        return String(text.trimmingWhitespace())
    }

    private static func score(_ logOdds: Double) -> Double { JudgeScale.range.upperBound / (1 + exp(-logOdds)) }
}
