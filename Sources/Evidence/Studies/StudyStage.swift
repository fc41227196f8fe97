/// The stages of a study, in this order.
public enum StudyStage: Sendable, CaseIterable {
    /// Texts are read, directions fitted, and heads searched.
    case search
    /// The plan is evaluated, with controls.
    case evaluation
    /// The plan is tried at several doses.
    case doses
    /// The plan is compared with layers, probes' heads, other operations and fewer examples.
    case comparisons
    /// The items are asked after other words, and openly.
    case otherWords
}
