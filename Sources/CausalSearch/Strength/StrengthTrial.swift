/// One strength that was tried.
public struct StrengthTrial: Sendable, Codable, Equatable {
    /// In σ of each direction.
    public var strength: Double
    /// The mean change of the logit difference at +strength.
    public var positiveEffect: Double
    /// The same at −strength; below zero where the edit works both ways.
    public var negativeEffect: Double
    /// Distinct-2 of the greedy texts at ±strength, divided by that of the unedited ones; the worse of both directions.
    public var distinctRatio: Double
    /// How much less likely the texts at ±strength are to the unedited model than its own ones, in nats a token; the
    /// worse of both directions.
    public var surprise: Double
    /// KL(unedited ‖ edited) of the next token on neutral texts, in nats; the worse of both directions.
    public var neutralKL: Double
    /// The share of answers that are undefined at +strength beyond the unedited model's; nil if no answers are parsed.
    public var moreUndefined: Double?
    /// Whether the texts still read as texts: they neither repeat themselves nor surprise the unedited model too much. Where many
    /// texts decide, a small ``distinctRatio`` may be chance (``StrengthSearch``).
    public var isReadable: Bool
    /// Whether all side effects stay within the budget.
    public var isWithinBudget: Bool
}

/// What an edit may cost.
public struct SideEffectBudget: Sendable, Codable, Equatable {
    /// Texts whose distinct-2 falls below this share of the unedited texts' count as repeating themselves.
    public var leastDistinct: Double
    /// Texts that are less likely than the unedited ones by more than this, in nats a token, count as broken. Greedy
    /// texts are the likeliest there are, so a change of mood alone costs some.
    public var mostSurprise: Double
    /// The most KL(unedited ‖ edited) on neutral texts, in nats a token. ITI reports 0.65 for Llama-2-7B-chat at the
    /// strength of its paper.
    public var mostKL: Double
    /// The largest share of answers that may turn undefined.
    public var mostUndefined: Double

    /// A budget; each default is said at its property.
    public init(
        leastDistinct: Double = 0.9, mostSurprise: Double = 1, mostKL: Double = 0.5, mostUndefined: Double = 0.05
    ) {
        self.leastDistinct = leastDistinct
        self.mostSurprise = mostSurprise
        self.mostKL = mostKL
        self.mostUndefined = mostUndefined
    }
}
