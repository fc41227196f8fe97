import CausalSearch
import DataFiles
import Evaluation

/// What a study found.
public struct StudyReport: Sendable, Codable, Equatable {
    public var plan: StudyPlan
    /// The texts that directions were fitted from, and the items of search and test.
    public var trainTexts: Int
    public var searchItems: Int
    public var testItems: Int
    /// The heads that were chosen, in their order.
    public var heads: [ScreenedHead]
    /// In σ.
    public var strength: Double
    public var isWithinBudget: Bool
    /// How many heads the screen calls at a false discovery rate of 5%.
    public var calledHeads: Int
    public var checked: [CheckedHead]
    public var combination: [CombinationStep]
    public var trials: [StrengthTrial]
    public var evaluation: EvaluationReport
    public var doses: DoseResponse
    public var comparisons: [Comparison]
    /// Seconds by stage; nil in a study's file, which has the same bytes in every run.
    public var seconds: [StageSeconds]?
}
