import DataFiles
import Directions
import Intervention
import Tasks
import Transformer

/// The heads, strengths and evidence that a search found.
public struct SearchResult: Sendable {
    /// The options of the search.
    public var options: SearchOptions
    /// The directions of all heads.
    public var directions: [HeadDirection]
    /// The mean norm of the residual stream before each layer, [L].
    public var residualNorms: [Double]
    /// The screen's findings at all heads, the largest effect first.
    public var screened: [ScreenedHead]
    /// The tokens that the best heads' directions raise and lower most directly.
    public var tokens: [DirectAttribution.Tokens]
    /// The best heads with the outcomes of their texts; empty if none were checked.
    public var checked: [CheckedHead]
    /// The steps in which the heads were combined; empty if they were not combined.
    public var combination: [CombinationStep]
    /// The logit difference of each contrast item without edits.
    public var unedited: [Double]
    /// Where the contrasts come from.
    public var contrastSource: ContrastSource
    /// The number of labelled texts of each class that the directions were fitted to.
    public var fittedTexts: (true: Int, false: Int)
    /// The outcomes of the unedited model's texts in the check of heads; nil if there was no check.
    public var uneditedOutcomes: OutcomeCounts?
    /// The K heads, in the order in which they were chosen.
    public var heads: [HeadDirection]
    /// The shared strength, in σ.
    public var strength: Double
    /// Each head's strength, in σ: the shared one, unless each was tuned.
    public var strengths: [Double]
    /// The joint effect of the heads at their own strengths; nil if they share one strength.
    public var tuned: StrengthTrial?
    /// Every strength that was tried, in order.
    public var trials: [StrengthTrial]
    /// The strength that spends a budget and how it was found; nil if the strength was chosen by its effect.
    public var spent: BudgetedStrength?
    /// The plan's effects on some of the texts and items, for its record.
    public var evidence: SearchEvidence
    /// The time that each stage took, in seconds.
    public var seconds: [StageSeconds]

    /// Whether the texts are readable at the chosen strength; if not, no strength that was tried left them readable.
    public var isReadable: Bool { trials.contains { $0.isReadable && $0.strength == strength } }
    /// Whether the side effects at the chosen strength are within the budget.
    public var isWithinBudget: Bool { trials.contains { $0.isWithinBudget && $0.strength == strength } }

    /// The screen's findings at the heads that were chosen, in their order.
    public var chosen: [ScreenedHead] {
        heads.compactMap { head in screened.first { $0.head == head.head } }
    }

    /// The plan: the chosen heads, each moved by its strength at the last position.
    ///
    /// - Parameter scale: a factor of all strengths: −1 for the opposite behaviour, 0 for no change.
    public func plan(model: ModelReference? = nil, scale: Double = 1) -> InterventionPlan {
        InterventionPlan(
            model: model, directions: "directions.safetensors",
            edits: zip(heads, strengths).map { head, strength in
                PlannedEdit(
                    head.head, .add, direction: .named(head.name), strength: strength * scale, unit: .sigma,
                    positions: .last)
            })
    }

    /// The plan with the directions of all heads; see ``plan(model:scale:)``.
    public func loadedPlan(model: ModelReference? = nil) -> LoadedPlan {
        LoadedPlan(plan(model: model), directions: DirectionFile(directions, residualNorms: residualNorms))
    }

    /// The plan's edits, ready for a run.
    public func edits(scale: Double = 1) -> [Edit] {
        zip(heads, strengths).map { $0.edit(sigmas: $1 * scale) }
    }
}
