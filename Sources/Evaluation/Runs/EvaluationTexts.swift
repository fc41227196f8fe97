import Tasks
import TensorCore
import Tokenization
import Transformer

/// The items and the neutral texts that edits are measured on.
///
/// They go through the unedited model once, when they are first needed, even if several stages of the work measure on
/// them.
package final class EvaluationTexts {
    private let judged: JudgedItems
    private let texts: [String]
    private let tokenizer: Tokenizer
    private let model: LanguageModel
    private let workers: WorkerPool
    private let seed: UInt64
    private let isCancelled: () -> Bool
    private var knownItems: ItemScorer?
    private var knownNeutral: NeutralText?

    /// - Parameter seed: the seed of the intervals' bootstrap.
    package init(
        items: JudgedItems, neutral: [String], model: LanguageModel, tokenizer: Tokenizer, workers: WorkerPool,
        seed: UInt64, isCancelled: @escaping () -> Bool
    ) {
        (judged, texts) = (items, neutral)
        (self.model, self.tokenizer, self.workers) = (model, tokenizer, workers)
        (self.seed, self.isCancelled) = (seed, isCancelled)
    }

    /// - Throws: `InputError` if an item is too long; `CancellationError`.
    package func items() throws -> ItemScorer {
        let scorer = try knownItems ?? scorer(judged)
        knownItems = scorer
        return scorer
    }

    /// - Throws: `InputError` if a text is too short or too long; `CancellationError`.
    package func neutral() throws -> NeutralText {
        let text =
            try knownNeutral
            ?? NeutralText(
                model, texts: texts, tokenizer: tokenizer, workers: workers, seed: seed, isCancelled: isCancelled)
        knownNeutral = text
        return text
    }

    /// Makes a scorer of other items, which isn't kept.
    package func scorer(_ items: JudgedItems) throws -> ItemScorer {
        try ItemScorer(items, model: model, workers: workers, seed: seed, isCancelled: isCancelled)
    }
}
