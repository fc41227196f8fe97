import DataFiles
import Foundation

/// How ``HSIPreset`` works; the defaults are the published constants, except those that the plan's notes name.
public struct HSIOptions: Sendable, Codable, Equatable {
    /// The number of completions that directions are fitted to: 18.
    public var rows: Int
    /// The maximum number of completions for each side of one question: 3.
    public var rowsPerSide: Int
    /// The strengths of the sweep over single heads, in σ. The code's result files have 55, 75, 100 and 125; the
    /// default is 75 alone.
    public var sweepStrengths: [Double]
    /// The number of texts that each head writes at each strength of the sweep: 6.
    public var sweepSamples: Int
    /// The number of best heads that are tested again: 8.
    public var candidates: Int
    /// The number of texts that each of these heads writes in the second test: 30.
    public var retestSamples: Int
    /// K, the number of heads in the plan: 4.
    public var heads: Int
    /// The strengths that the chosen heads are tried at together, in σ: 25, 35 and 55.
    public var strengths: [Double]
    /// The number of texts that are written at each of these strengths: 100.
    public var validationSamples: Int
    /// The largest share of undefined texts; a strength with more is refused: 1/3 (the companion paper's rule, arXiv
    /// 2503.14130).
    public var mostUndefined: Double
    /// The temperature of the samples: 0.8, as in the sweep of the code; its demonstration uses 0.1.
    public var temperature: Double
    /// The share of probability that samples are drawn from (top-p): 0.95.
    public var topP: Double
    /// The maximum number of tokens in a text.
    ///
    /// The code uses 600; the default is 24, which hold an answer that comes at once.
    public var maxTokens: Int
    /// Whether `Include in your answer "Answer: (A) / (B)".` follows each question with letters, as in the published
    /// data.
    public var asksForLetter: Bool
    /// Whether texts go through the model's chat template, if it has one.
    public var usesChatTemplate: Bool
    /// The seed of all samples.
    public var seed: UInt64

    /// Makes options; each default is documented at its property, with the source's value.
    ///
    /// - Precondition: `rows` is at least 2; the strengths of both sweeps are finite, and there is at least one of
    ///   each; every stage has at least one text, head and token.
    public init(
        rows: Int = 18, rowsPerSide: Int = 3, sweepStrengths: [Double] = [75], sweepSamples: Int = 6,
        candidates: Int = 8, retestSamples: Int = 30, heads: Int = 4, strengths: [Double] = [25, 35, 55],
        validationSamples: Int = 100, mostUndefined: Double = 1.0 / 3, temperature: Double = 0.8, topP: Double = 0.95,
        maxTokens: Int = 24, asksForLetter: Bool = true, usesChatTemplate: Bool = true, seed: UInt64 = 0
    ) {
        precondition(rows >= 2 && rowsPerSide >= 1, "Directions need a completion of each side.")
        precondition(
            !sweepStrengths.isEmpty && !strengths.isEmpty && (sweepStrengths + strengths).allSatisfy(\.isFinite),
            "A sweep needs finite strengths.")
        precondition(
            min(sweepSamples, candidates, retestSamples, heads, validationSamples, maxTokens) >= 1,
            "Every stage needs at least one text, head and token.")
        self.rows = rows
        self.rowsPerSide = rowsPerSide
        self.sweepStrengths = sweepStrengths
        self.sweepSamples = sweepSamples
        self.candidates = candidates
        self.retestSamples = retestSamples
        self.heads = heads
        self.strengths = strengths
        self.validationSamples = validationSamples
        self.mostUndefined = mostUndefined
        self.temperature = temperature
        self.topP = topP
        self.maxTokens = maxTokens
        self.asksForLetter = asksForLetter
        self.usesChatTemplate = usesChatTemplate
        self.seed = seed
    }
}
