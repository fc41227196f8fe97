import Tasks

/// One trial of a preset: a head, several heads together, or a layer, at one strength.
public struct PresetTrial: Sendable, Codable, Equatable {
    /// The stage of the recipe: `sweep`, `retest`, `strength`, `probe` or `layer`; `plan` or `budget` for the whole
    /// plan.
    public var stage: String
    /// The edited site: `12.8`, several heads with commas, or `residual-post.12`; empty for the unedited model.
    public var target: String
    /// The strength: in σ for heads, as a multiple of the vector for layers; nil for no edit.
    public var strength: Double?
    /// The outcomes of the generated texts.
    public var outcomes: OutcomeCounts?
    /// A probe's accuracy on the validation rows.
    public var accuracy: Double?
    /// The mean change of the logit difference.
    public var effect: Double?
    /// The mean change for the opposite edit: −strength for an addition, adding the direction for an ablation.
    public var oppositeEffect: Double?
    /// KL(unedited ‖ edited) of the next token on neutral texts, in nats.
    public var kl: Double?
    /// Whether the trial's target became part of the plan.
    public var isChosen: Bool

    /// Makes a trial; anything that wasn't measured is nil.
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
