import DataFiles
import Foundation

/// How ``HSIPreset`` works; the defaults are the published constants, but for those that a note names.
public struct HSIOptions: Sendable, Codable, Equatable {
    /// How many completions directions are fitted on: 18.
    public var rows: Int
    /// The most completions of either side of one question: 3.
    public var rowsPerSide: Int
    /// The strengths of the sweep over single heads, in σ. The code's result files have 55, 75, 100 and 125; by default 75
    /// alone.
    public var sweepStrengths: [Double]
    /// How many texts each head writes at each strength of the sweep: 6.
    public var sweepSamples: Int
    /// How many of the best heads are tested again: 8.
    public var candidates: Int
    /// How many texts each of them writes then: 30.
    public var retestSamples: Int
    /// K, the heads of the plan: 4.
    public var heads: Int
    /// The strengths that the heads together are tried at, in σ: 25, 35 and 55.
    public var strengths: [Double]
    /// How many texts are written at each of these: 100.
    public var validationSamples: Int
    /// A strength with a larger share of undefined texts is refused: 1/3 (the companion paper's rule, arXiv 2503.14130).
    public var mostUndefined: Double
    /// 0.8, as the sweep of the code has it; its demonstration has 0.1.
    public var temperature: Double
    /// 0.95.
    public var topP: Double
    /// The most tokens of a text. The code has 600; 24 hold an answer that comes at once.
    public var maxTokens: Int
    /// Whether `Include in your answer "Answer: (A) / (B)".` follows each question that has letters, as in the published
    /// data.
    public var asksForLetter: Bool
    /// Whether texts go through the model's chat template, if it has one.
    public var usesChatTemplate: Bool
    /// The start of the random numbers of all samples.
    public var seed: UInt64

    /// Options; each default is said at its property, with what the source has.
    ///
    /// - Precondition: at least two rows; a sweep needs finite strengths; every stage needs at least one text, head
    ///   and token.
    public init(
        rows: Int = 18, rowsPerSide: Int = 3, sweepStrengths: [Double] = [75], sweepSamples: Int = 6,
        candidates: Int = 8, retestSamples: Int = 30, heads: Int = 4, strengths: [Double] = [25, 35, 55],
        validationSamples: Int = 100, mostUndefined: Double = 1.0 / 3, temperature: Double = 0.8, topP: Double = 0.95,
        maxTokens: Int = 24, asksForLetter: Bool = true, usesChatTemplate: Bool = true, seed: UInt64 = 0
    ) {
        precondition(rows >= 2 && rowsPerSide >= 1, "Directions need a completion of either side.")
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
