/// The parts of an audit, in their order.
public enum AuditStage: String, Sendable, CaseIterable {
    case invariants = "Checking invariants"
    case texts = "Reading texts"
    case screen = "Moving heads one by one"
    case robustness = "Measuring robustness"
    case baselines = "Comparing with random directions and layers"
    case groups = "Fitting from fewer groups"
    case evaluation = "Evaluating with controls"
    case phrasings = "Trying other phrasings"
    case defences = "Trying defences"
}
