import CausalSearch
import DataFiles
import Evaluation
import Evidence

/// What an audit has found so far; an audit that starts again with it does nothing twice.
public struct AuditState: ResumableState, Sendable, Equatable {
    /// The key that the audit was begun with; a state with another key is of no use.
    public var key: String
    /// A note for whoever finds the file of an audit that was stopped.
    private(set) var about = "what an unfinished audit has found so far; the same command goes on with it"
    var invariants: Invariants?
    var firstLook: FirstLook?
    /// The results of those layers that have been screened completely.
    public var screened: [ScreenedHead] = []
    var curves: [RobustnessCurve]?
    var baselines: RobustnessBaselines?
    var groups: [FewGroups]?
    var evaluation: EvaluationReport?
    var opposite: DoseResponse?
    var phrasings: [PhrasingResult]?
    var defences: Defences?

    /// - Parameter key: a digest of everything that the audit's result depends on: model, data, options, program.
    public init(key: String) { self.key = key }
}
