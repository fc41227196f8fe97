import Tasks
import TensorCore
import Tokenization
import Transformer

/// What texts say when a head is edited.
public typealias CheckedHead = HeadResult<CheckFinding>

/// What texts say under some edits: the logit difference alone can mislead, as it counts one token that an edited model may
/// not even write.
public struct CheckFinding: Sendable, Codable, Equatable {
    /// In σ.
    public var strength: Double
    /// The outcomes of the greedy texts under the edit.
    public var outcomes: OutcomeCounts
    /// The share of texts for the behaviour minus that against it, compared with the unedited model's.
    public var gain: Double
    /// Whether the head goes on: its texts don't move away from the behaviour, and few more of them are undefined.
    public var passes: Bool
    /// Whether the texts say anything: without the edit and with it nearly all of them may be undefined, and a head that
    /// passes then has not been checked.
    public var decides: Bool
}

/// Greedy texts on some prompts, parsed into target, other and undefined.
public final class GenerationCheck {
    /// The share of texts that may turn undefined, beyond the unedited model's.
    public static let mostUndefined = 0.1

    /// The prompts, and how a text is judged.
    public let task: AnswerTask
    /// The outcomes of the unedited model.
    public let base: OutcomeCounts
    private let texts: PromptTexts
    private let tokenizer: Tokenizer

    /// - Parameters:
    ///   - maxTokens: the length of each text. 16 hold an answer that comes at once; reasoning takes more.
    /// - Throws: as ``PromptTexts``.
    public init(
        _ model: LanguageModel, task: AnswerTask, tokenizer: Tokenizer, maxTokens: Int = 16, workers: WorkerPool,
        isCancelled: @escaping () -> Bool = { Task.isCancelled }
    ) throws {
        self.task = task
        self.tokenizer = tokenizer
        texts = try PromptTexts(
            model, prompts: task.items.map(\.prompt), maxTokens: maxTokens, endTokens: tokenizer.endOfGenerationTokens,
            workers: workers, isCancelled: isCancelled)
        base = try Self.outcomes([[]], task: task, texts: texts, tokenizer: tokenizer)[0]
    }

    /// The outcomes under each variant's edits.
    ///
    /// - Throws: `CancellationError`.
    public func outcomes(
        _ variants: [[Edit]], onProgress: (_ done: Int, _ of: Int) -> Void = { _, _ in }
    ) throws -> [OutcomeCounts] {
        try Self.outcomes(variants, task: task, texts: texts, tokenizer: tokenizer, onProgress: onProgress)
    }

    /// The share of texts for the behaviour minus that against it.
    public static func balance(_ counts: OutcomeCounts) -> Double {
        counts.total == 0 ? 0 : Double(counts.target - counts.other) / Double(counts.total)
    }

    /// Checks single heads.
    public func check(
        _ heads: [ScreenedHead], edits: [[Edit]],
        onProgress: (_ done: Int, _ of: Int) -> Void = { _, _ in }
    ) throws -> [CheckedHead] {
        zip(heads, try outcomes(edits, onProgress: onProgress)).map { head, counts in
            let gain = Self.balance(counts) - Self.balance(base)
            return CheckedHead(
                head.head,
                CheckFinding(
                    strength: head.strength, outcomes: counts, gain: gain,
                    passes: gain >= 0 && counts.undefinedShare <= base.undefinedShare + Self.mostUndefined,
                    decides: base.decides || counts.decides))
        }
    }

    private static func outcomes(
        _ variants: [[Edit]], task: AnswerTask, texts: PromptTexts, tokenizer: Tokenizer,
        onProgress: (_ done: Int, _ of: Int) -> Void = { _, _ in }
    ) throws -> [OutcomeCounts] {
        try texts.texts(variants, onProgress: onProgress).map { texts in
            OutcomeCounts(
                try zip(task.items, texts).map { item, ids in
                    // Ids of a padded vocabulary have no text.
                    let known = ids.filter { $0 < tokenizer.vocabularyCount }
                    return item.parser.outcome(try tokenizer.decode(known, continuing: true))
                })
        }
    }
}
