import DataFiles
import DataSets
import Foundation
import TensorCore
import Tokenization
import Transformer

/// A judge that asks a language model a fixed question about each text and reads the odds of its two answers.
///
/// Any model can be asked, including the one that wrote the texts; it reads them unedited.
///
/// If the model has a chat template, the question goes through it. The answers are lettered (A) and (B). The question
/// is asked once more with the letters exchanged, because models prefer some letters to others. Let l₁ and l₂ be the
/// teacher-forced log-odds of the answer for the behaviour in the two orders. The score is 5 / (1 + exp(−(l₁ + l₂) /
/// 2)), which is 2.5 for a model that can't decide.
///
/// The model need not know the answer. ``JudgeCheck`` shows how well it judges texts with known labels.
///
/// Special tokens written in a text are removed, so that no text can end its own quotation.
public struct ModelJudge: TextJudge {
    /// The name of the judge in reports.
    public let name: String
    /// The question that the model is asked.
    public let question: JudgeQuestion
    /// Called before each layer; if it returns true, the work throws `CancellationError`.
    public var isCancelled: @Sendable () -> Bool = { Task.isCancelled }

    private let model: LanguageModel
    private let tokenizer: Tokenizer
    private let workers: WorkerPool

    /// Makes a judge that asks a model, without edits.
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

    /// The score of each text.
    ///
    /// - Throws: `InputError` if a text with the question is longer than the model's context, or if the chat template
    ///   can't be applied; `CancellationError`.
    public func scores(_ texts: [JudgedText]) throws -> [Double] { try judgements(texts).map(\.score) }

    /// The scores, together with the score of each order: with the answer for the behaviour at (A), then at (B).
    ///
    /// - Throws: what ``scores(_:)`` throws.
    /// - Complexity: about one pass over each text with the question, because both orders share everything before the
    ///   answers. Memory: at most half a gigabyte of keys and values, whatever the number of texts.
    public func judgements(_ texts: [JudgedText]) throws -> [Judgement] {
        try logOdds(texts).map { orders in
            Judgement(score: Self.score((orders[0] + orders[1]) / 2), orders: orders.map(Self.score))
        }
    }

    /// The log-odds of the answer for the behaviour in both orders, in nats, [texts][2].
    ///
    /// - Throws: what ``scores(_:)`` throws.
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
        // Each prompt is asked once, so none is kept. In this order, prompts that begin the same go through the model
        // together.
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
