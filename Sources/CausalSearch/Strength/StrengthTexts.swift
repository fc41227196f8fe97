import Directions
import Statistics
import Tasks
import TensorCore
import Transformer

/// Texts that a strength is judged by: whether they still read as texts, and whether they still say something.
final class StrengthTexts {
    /// What texts under edits are like, beside the unedited ones.
    struct Measures {
        /// See ``StrengthTrial``.
        var distinctRatio: Double
        /// Whether texts under the worse direction of the edit repeat themselves more than unedited ones, beyond chance
        /// (``isLess(_:than:)``). An edit that costs next to nothing writes other greedy texts, too, some of which happen to repeat
        /// themselves.
        var repeatsMore: Bool
        var surprise: Double
        var moreUndefined: Double?
    }

    /// Tokens of each text.
    private static let tokens = 24

    private let prompts: [[Int]]
    private let texts: PromptTexts
    private let check: GenerationCheck?
    private let run: Run
    private var base = Texts(distinct: [], surprise: 0)

    /// What texts under one set of edits are like.
    private struct Texts {
        /// Distinct-2 of each.
        var distinct: [Double]
        /// The mean of −log p under the unedited model, in nats a token.
        var surprise: Double

        var meanDistinct: Double { distinct.reduce(0, +) / Double(max(distinct.count, 1)) }
    }

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
        base = try measureTexts([[]])[0]
    }

    /// Measures the texts under both directions of an edit, the worse of them; answers are those under the first.
    func measure(_ edits: [[Edit]]) throws -> Measures {
        let found = try measureTexts(edits)
        let worst = found.min { $0.meanDistinct < $1.meanDistinct } ?? base
        return Measures(
            distinctRatio: worst.meanDistinct / max(base.meanDistinct, 1e-9),
            repeatsMore: isLess(worst.distinct, than: base.distinct),
            surprise: (found.map(\.surprise).max() ?? 0) - base.surprise,
            moreUndefined: try check.map { check in
                try check.outcomes([edits[0]])[0].undefinedShare - check.base.undefinedShare
            })
    }

    private func measureTexts(_ edits: [[Edit]]) throws -> [Texts] {
        try texts.texts(edits).map { texts in
            var found = Texts(distinct: texts.map { TextMeasures.distinct(2, $0) }, surprise: 0)
            // A text that ends at once is as likely as it can be.
            for (prompt, text) in zip(prompts, texts) where !text.isEmpty {
                let logs = try run.score(completion: text, after: prompt)
                found.surprise -= logs.reduce(0, +) / Double(logs.count * prompts.count)
            }
            return found
        }
    }
}

/// Whether values are smaller than others that they belong to, beyond chance: a paired t test, p below 0.05 on two sides.
func isLess(_ values: [Double], than others: [Double]) -> Bool {
    let losses = zip(others, values).map { $0 - $1 }
    let mean = losses.reduce(0, +) / Double(max(losses.count, 1))
    guard losses.count > 1, mean > 0 else { return false }
    let error = populationDeviation(losses) / Double(losses.count - 1).squareRoot()
    return studentTail(mean / error, degrees: losses.count - 1) < 0.05
}
