import Directions
import Statistics
import Tasks
import TensorCore
import Transformer

/// Texts that a strength is judged by: whether they still read as text, and whether they still give an answer.
final class StrengthTexts {
    /// Measures of texts under edits, compared with the unedited model's texts.
    struct Measures {
        /// See ``StrengthTrial``.
        var distinctRatio: Double
        /// Whether texts under the worse direction of the edit repeat themselves more than unedited ones, beyond chance
        /// (``isLess(_:than:)``).
        ///
        /// Even an edit that costs almost nothing changes greedy texts, and some of the new texts happen to repeat
        /// themselves.
        var repeatsMore: Bool
        var surprise: Double
        var moreUndefined: Double?
    }

    /// The number of tokens in each text.
    private static let tokens = 24

    private let prompts: [[Int]]
    private let texts: PromptTexts
    private let check: GenerationCheck?
    private let run: Run
    private var base = Texts(distinct: [], surprise: 0)

    /// Measures of the texts under one set of edits.
    private struct Texts {
        /// The distinct-2 of each text.
        var distinct: [Double]
        /// The mean of −log p under the unedited model, in nats a token.
        var surprise: Double

        var meanDistinct: Double { distinct.reduce(0, +) / Double(max(distinct.count, 1)) }
    }

    /// Writes and measures the unedited model's texts.
    ///
    /// - Parameters:
    ///   - prompts: the prompts that texts continue.
    ///   - check: counts undefined answers; nil if answers aren't parsed.
    /// - Throws: what ``PromptTexts`` throws.
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

    /// Measures the texts under both directions of an edit and gives the worse values; answers are counted under the
    /// first direction only.
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
            // An empty text adds no surprise.
            for (prompt, text) in zip(prompts, texts) where !text.isEmpty {
                let logs = try run.score(completion: text, after: prompt)
                found.surprise -= logs.reduce(0, +) / Double(logs.count * prompts.count)
            }
            return found
        }
    }
}

/// Whether values are smaller than the others that they are paired with, beyond chance: a paired t test with a
/// two-sided p below 0.05.
func isLess(_ values: [Double], than others: [Double]) -> Bool {
    let losses = zip(others, values).map { $0 - $1 }
    let mean = losses.reduce(0, +) / Double(max(losses.count, 1))
    guard losses.count > 1, mean > 0 else { return false }
    let error = populationDeviation(losses) / Double(losses.count - 1).squareRoot()
    return studentTail(mean / error, degrees: losses.count - 1) < 0.05
}
