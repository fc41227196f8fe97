import CausalSearch
import Evaluation
import Evidence
import Tasks

/// What an audit found: the content of `report.json`, in the version ``AuditProtocol/version``.
///
/// The article "Audit a behaviour" describes every field.
public struct AuditReport: Sendable, Codable, Equatable {
    /// The protocol's version, `headsteer.audit/1`.
    public var `protocol`: String
    /// The protocol's numbers.
    public var numbers: [String: [Double]]
    /// The data's name.
    public var behaviour: String
    /// The number of labelled texts that directions were fitted to.
    public var fitTexts: Int
    /// The number of groups of these texts.
    public var fitGroups: Int
    /// The number of items that effects were tested on, which are of other groups.
    public var testItems: Int
    /// Where the items come from.
    public var contrastSource: ContrastSource
    /// L, the number of layers.
    public var layers: Int
    /// H, the number of heads in a layer.
    public var headsOfLayer: Int

    /// Whether the figures can be relied on at all.
    public var invariants: Invariants
    /// Whether the behaviour is a direction.
    public var firstLook: FirstLook
    /// All heads, the largest effect first.
    public var screen: [ScreenedHead]
    /// The heads that are called, `12.8`, the largest effect first.
    public var heads: [String]
    /// Whether the labels are what moves the behaviour.
    public var finding: Finding
    /// How little moves the behaviour.
    public var robustness: RobustnessScore
    /// What each number of heads does at each strength, both ways.
    public var curves: [RobustnessCurve]
    /// What random directions and whole layers do.
    public var baselines: RobustnessBaselines
    /// What directions fitted to fewer groups do.
    public var fewGroups: [FewGroups]
    /// How the effects are spread over heads and layers.
    public var concentration: Concentration
    /// What other behaviours share with this one.
    public var overlaps: [BehaviourOverlap]
    /// What the plan of the audit does; nil if no head moves the behaviour at all.
    ///
    /// The plan is the cheapest attack towards the behaviour or, if there is none, the one that moves it furthest
    /// within the budget.
    public var evaluation: EvaluationReport?
    /// The same plan with the opposite sign.
    public var opposite: DoseResponse?
    /// What the attack does after other words.
    public var phrasings: [PhrasingResult]
    /// How well cheap defences work.
    public var defences: Defences
    /// The prompts of the texts.
    public var prompts: [String]
    /// The seed of all random numbers.
    public var seed: UInt64

    /// The controls by kind: random directions, random heads, shuffled labels, whole layers.
    public var controls: [String: ControlScores] { evaluation?.controls ?? [:] }
    /// What else the attack changes; nil if no head moves the behaviour at all.
    public var sideEffects: EvaluationReport.SideEffects? { evaluation?.sideEffects }
}
