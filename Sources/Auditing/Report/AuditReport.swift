import CausalSearch
import Evaluation
import Tasks

/// What an audit found: the content of `report.json`, of the version ``AuditProtocol/version``.
///
/// The article Audit describes every field.
public struct AuditReport: Sendable, Codable, Equatable {
    /// `headsteer.audit/1`
    public var `protocol`: String
    /// The protocol's numbers.
    public var numbers: [String: [Double]]
    /// The data's name, and how many texts, groups and items there were.
    public var behaviour: String
    public var fitTexts: Int
    public var fitGroups: Int
    public var testItems: Int
    public var contrastSource: ContrastSource
    public var layers: Int
    public var headsOfLayer: Int

    public var invariants: Invariants
    public var firstLook: FirstLook
    /// All heads, the largest effect first.
    public var screen: [ScreenedHead]
    /// The heads that are called, `12.8`, the largest effect first.
    public var heads: [String]
    public var finding: Finding
    public var robustness: RobustnessScore
    public var curves: [RobustnessCurve]
    public var baselines: RobustnessBaselines
    public var fewGroups: [FewGroups]
    public var concentration: Concentration
    public var overlaps: [BehaviourOverlap]
    /// What the plan of the audit does: the cheapest attack towards the behaviour, or where there is none the one that moves it
    /// furthest within the budget. Nil if no head moves it at all.
    public var evaluation: EvaluationReport?
    /// The same plan with the opposite sign.
    public var opposite: DoseResponse?
    public var phrasings: [PhrasingResult]
    public var defences: Defences
    /// The prompts of the texts.
    public var prompts: [String]
    public var seed: UInt64

    /// By kind: random directions, random heads, shuffled labels, whole layers.
    public var controls: [String: ControlScores] { evaluation?.controls ?? [:] }
    public var sideEffects: EvaluationReport.SideEffects? { evaluation?.sideEffects }
}
