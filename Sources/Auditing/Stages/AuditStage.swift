/// The parts of an audit, in order.
public enum AuditStage: String, Sendable, CaseIterable {
    /// See ``Invariants``.
    case invariants = "Checking invariants"
    /// z of the labelled texts, and the first look at it.
    case texts = "Reading texts"
    /// Every head by itself, both ways and along random directions.
    case screen = "Moving heads one by one"
    /// See ``RobustnessScore``.
    case robustness = "Measuring robustness"
    /// See ``RobustnessBaselines``.
    case baselines = "Comparing with random directions and layers"
    /// See ``FewGroups``.
    case groups = "Fitting from fewer groups"
    /// What `evaluate` measures of the cheapest attack.
    case evaluation = "Evaluating with controls"
    /// See ``PhrasingResult``.
    case phrasings = "Trying other phrasings"
    /// See ``Defences``.
    case defences = "Trying defences"
}
