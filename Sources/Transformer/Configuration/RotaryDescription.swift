/// A rotary embedding (Su et al. 2021, arXiv 2104.09864): which of a head's values are rotated, and how fast.
public struct RotaryDescription: Sendable, Equatable {
    /// The number of a head's values that are rotated, the first ones: D or fewer.
    public var size: Int
    /// The base of the frequencies: frequency i is base^(−2i / size).
    public var base: Double
    /// How the frequencies are changed for long contexts.
    public var scaling: RopeScaling

    /// A rotary embedding; by default without scaling, as in the first training.
    public init(size: Int, base: Double, scaling: RopeScaling = .none) {
        self.size = size
        self.base = base
        self.scaling = scaling
    }
}

/// How a model changes its rotary frequencies for contexts longer than those of its first training.
public enum RopeScaling: Sendable, Equatable {
    /// The frequencies of the base, unchanged.
    case none
    /// All frequencies divided by a factor (position interpolation, Chen et al. 2023, arXiv 2306.15595).
    case linear(factor: Double)
    /// Llama 3.1's rule: low frequencies divided by `factor`, high ones kept, those between blended smoothly.
    case llama3(factor: Double, lowFrequencyFactor: Double, highFrequencyFactor: Double, originalContext: Double)
    /// One divisor for each frequency, as GGUF files store llama3's rule (`rope_freqs.weight`).
    case divisors([Float])
    /// YaRN (Peng et al. 2023, arXiv 2309.00071).
    case yarn(YarnScaling)
    /// LongRoPE (Ding et al. 2024, arXiv 2402.13753).
    case longRope(LongRopeScaling)
}

/// YaRN: frequencies with few rotations within the original context are divided by a factor, and those with many are
/// kept.
public struct YarnScaling: Sendable, Equatable {
    /// How many times longer than the original context a text may be.
    public var factor: Double
    /// The context of the first training, in positions.
    public var originalContext: Double
    /// Frequencies with more rotations than this are kept.
    public var fastRotations: Double
    /// Frequencies with fewer rotations than this are divided by the factor.
    public var slowRotations: Double
    /// The number that cosines and sines are multiplied by: 0.1 ln(factor) + 1 in the paper.
    public var magnitude: Double
    /// Whether the ends of the ramp between the two are rounded to whole frequencies.
    public var roundsEnds: Bool

    /// A scaling; the defaults of 32 and 1 rotations are those of the paper, and the ramp's ends are rounded as in
    /// transformers.
    public init(
        factor: Double, originalContext: Double, fastRotations: Double = 32, slowRotations: Double = 1,
        magnitude: Double, roundsEnds: Bool = true
    ) {
        self.factor = factor
        self.originalContext = originalContext
        self.fastRotations = fastRotations
        self.slowRotations = slowRotations
        self.magnitude = magnitude
        self.roundsEnds = roundsEnds
    }
}

/// LongRoPE: each frequency has a divisor, from one list for texts up to the original context and from another for
/// longer texts.
public struct LongRopeScaling: Sendable, Equatable {
    /// The divisors for texts up to the original context, one for each frequency: [size / 2].
    public var short: [Float]
    /// The divisors for longer texts, [size / 2].
    public var long: [Float]
    /// The context of the first training, in positions; longer texts use the other list.
    public var originalContext: Int
    /// The number that cosines and sines are multiplied by: √(1 + ln(factor) / ln(original context)) in the paper.
    public var magnitude: Double

    /// A scaling; each list has one divisor for each frequency.
    public init(short: [Float], long: [Float], originalContext: Int, magnitude: Double) {
        self.short = short
        self.long = long
        self.originalContext = originalContext
        self.magnitude = magnitude
    }
}
