import Tasks
import TensorCore
import Transformer

/// Texts that a strength is judged by: whether they still read as texts, and whether they still say something.
final class StrengthTexts {
    /// What texts under edits are like, beside the unedited ones.
    struct Measures {
        /// See ``StrengthTrial``.
        var distinctRatio: Double
        var surprise: Double
        var moreUndefined: Double?
    }

    /// Tokens of each text.
    private static let tokens = 24

    private let prompts: [[Int]]
    private let texts: PromptTexts
    private let check: GenerationCheck?
    private let run: Run
    private var base = (distinct: 1.0, surprise: 0.0)

    /// - Parameters:
    ///   - prompts: what texts continue.
    ///   - check: counts undefined answers; nil if none are parsed.
    /// - Throws: as ``PromptTexts``.
    init(
        _ model: LanguageModel, prompts: [[Int]], endTokens: Set<Int>, check: GenerationCheck?, workers: WorkerPool,
        isCancelled: @escaping () -> Bool
    ) throws {
        self.prompts = prompts
        self.check = check
        texts = try PromptTexts(
            model, prompts: prompts, maxTokens: Self.tokens, endTokens: endTokens, workers: workers,
            isCancelled: isCancelled)
        run = Run(model, workers: workers)
        run.isCancelled = isCancelled
        base = try measureTexts([[]])
    }

    /// Measures the texts under both directions of an edit; answers are those under the first.
    func measure(_ edits: [[Edit]]) throws -> Measures {
        let found = try measureTexts(edits)
        return Measures(
            distinctRatio: found.distinct / max(base.distinct, 1e-9), surprise: found.surprise - base.surprise,
            moreUndefined: try check.map { check in
                try check.outcomes([edits[0]])[0].undefinedShare - check.base.undefinedShare
            })
    }

    /// The worst measures of the texts under any of several sets of edits: the smallest mean distinct-2, and the largest
    /// mean of −log p under the unedited model, in nats a token.
    private func measureTexts(_ edits: [[Edit]]) throws -> (distinct: Double, surprise: Double) {
        let written = try texts.texts(edits)
        var (least, most) = (Double.infinity, -Double.infinity)
        for texts in written {
            var (distinct, surprise) = (0.0, 0.0)
            for (prompt, text) in zip(prompts, texts) {
                distinct += TextMeasures.distinct(2, text)
                // A text that ends at once is as likely as it can be.
                guard !text.isEmpty else { continue }
                let logs = try run.score(completion: text, after: prompt)
                surprise -= logs.reduce(0, +) / Double(logs.count)
            }
            least = min(least, distinct / Double(max(prompts.count, 1)))
            most = max(most, surprise / Double(max(prompts.count, 1)))
        }
        return (least, most)
    }
}
