import Tasks

/// One thing that a preset tried: a head, several together, or a layer, at one strength.
public struct PresetTrial: Sendable, Codable, Equatable {
    /// What it was tried for: `sweep`, `retest`, `strength`, `probe`, `layer`; `plan` for the whole.
    public var stage: String
    /// `12.8`, several heads with commas, `residual-post.12`; empty for the unedited model.
    public var target: String
    /// How far it was moved: in σ for heads, times the vector for layers; nil if nothing was.
    public var strength: Double?
    /// What the generated texts said.
    public var outcomes: OutcomeCounts?
    /// A probe's accuracy on the validation rows.
    public var accuracy: Double?
    /// The mean change of the logit difference.
    public var effect: Double?
    /// The same for the opposite edit: −strength for an addition, adding the direction for an ablation.
    public var oppositeEffect: Double?
    /// KL(unedited ‖ edited) of the next token on neutral texts, in nats.
    public var kl: Double?
    /// Whether it became part of the plan.
    public var isChosen: Bool

    /// A trial; what wasn't measured is nil.
    public init(
        stage: String, target: String, strength: Double? = nil, outcomes: OutcomeCounts? = nil,
        accuracy: Double? = nil, effect: Double? = nil, oppositeEffect: Double? = nil, kl: Double? = nil,
        isChosen: Bool = false
    ) {
        self.stage = stage
        self.target = target
        self.strength = strength
        self.outcomes = outcomes
        self.accuracy = accuracy
        self.effect = effect
        self.oppositeEffect = oppositeEffect
        self.kl = kl
        self.isChosen = isChosen
    }
}
