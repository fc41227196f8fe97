import CausalSearch
import DataFiles
import Evaluation

/// The results of a study.
public struct StudyReport: Sendable, Codable, Equatable {
    /// The plan of the study.
    public var plan: StudyPlan
    /// The number of texts that directions were fitted to.
    public var trainTexts: Int
    /// The number of items of the search.
    public var searchItems: Int
    /// The number of items of the test.
    public var testItems: Int
    /// The heads that were chosen, in their order.
    public var heads: [ScreenedHead]
    /// The strength, in σ.
    public var strength: Double
    /// Whether the strength keeps the search's budget of side effects.
    public var isWithinBudget: Bool
    /// How many heads the screen calls at a false discovery rate of 5%.
    public var calledHeads: Int
    /// The best heads by what texts say.
    public var checked: [CheckedHead]
    /// How the heads were put together.
    public var combination: [CombinationStep]
    /// Every strength that was tried.
    public var trials: [StrengthTrial]
    /// What the plan does on the other half of the data, compared with controls.
    public var evaluation: EvaluationReport
    /// What the plan does at several strengths.
    public var doses: DoseResponse
    /// The heads compared with layers, probes' heads, and fewer examples.
    public var comparisons: [Comparison]
    /// The results for the same items after other words.
    public var phrasings: [PhrasingResult]
    /// What the model writes if no answers are offered; nil if the items offer none anyway, or nobody judges.
    public var openEnded: OpenEndedTexts?
    /// Seconds by stage; nil in a study's file, so that the file has the same bytes in every run.
    public var seconds: [StageSeconds]?
}
