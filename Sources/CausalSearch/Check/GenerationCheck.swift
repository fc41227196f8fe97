import Tasks
import TensorCore
import Tokenization
import Transformer

/// The findings about the texts under the edit of one head.
public typealias CheckedHead = HeadResult<CheckFinding>

/// The outcomes of texts under some edits.
///
/// The logit difference alone can mislead, because it counts one token that an edited model may not even write.
public struct CheckFinding: Sendable, Codable, Equatable {
    /// The strength of the edit, in σ.
    public var strength: Double
    /// The outcomes of the greedy texts under the edit.
    public var outcomes: OutcomeCounts
    /// The balance minus the unedited model's; the balance is the share of texts for the behaviour minus the share
    /// against it.
    public var gain: Double
    /// Whether the head passes: its texts don't move away from the behaviour, and few more of them are undefined.
    public var passes: Bool
    /// Whether the texts can decide anything.
    ///
    /// If nearly all texts are undefined both with and without the edit, a head that passes has not been checked.
    public var decides: Bool
}

/// Greedy texts that continue some prompts, each judged as target, other or undefined.
public final class GenerationCheck {
    /// The largest share of undefined texts that an edit may add to the unedited model's share.
    public static let mostUndefined = 0.1

    /// The prompts, and the rules that judge a text.
    public let task: AnswerTask
    /// The outcomes of the unedited model.
    public let base: OutcomeCounts
    private let texts: PromptTexts
    private let tokenizer: Tokenizer

    /// Writes and judges the unedited model's texts.
    ///
    /// - Parameters:
    ///   - maxTokens: the maximum number of tokens in each text. 16 hold an answer that comes at once; reasoning takes
    ///     more.
    /// - Throws: what ``PromptTexts`` throws.
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

    /// The share of texts for the behaviour minus the share against it.
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
