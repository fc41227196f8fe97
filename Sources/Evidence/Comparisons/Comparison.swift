import Statistics

/// One way of editing, compared with the study's plan on the same test items.
public struct Comparison: Sendable, Codable, Equatable {
    /// The question that the comparison answers.
    public enum Question: String, Sendable, Codable, CodingKeyRepresentable, CaseIterable {
        /// Do a few heads do more than a whole layer at the same cost?
        case layers
        /// Do heads that were found causally do more than those that probes rank first?
        case probeRanked = "probe-ranked"
        /// Do they do more than as many heads as ITI takes, ranked by probes and moved together?
        case iti
        /// What does a prompt that asks for the behaviour cost, and what do the heads do at that cost?
        case prompt
        /// Which operation does the most at the same cost?
        case operation
        /// How many labelled texts do directions need?
        case examples
    }

    /// The question that the comparison answers.
    public var question: Question
    /// The name of the way of editing: `layer 12`, `4.1, 7.3`, `18 texts, draw 2`.
    public var name: String
    /// The factor that the edit was multiplied by to cost as much as the plan.
    public var factor: Double
    /// KL on neutral text, in nats per token.
    public var neutralKL: Double
    /// The change of the logit difference on the test items.
    public var change: PairedChange
    /// The change of the share of items that speak for the behaviour.
    public var accuracyChange: Double
    /// Whether it is the one of its kind that did best on the search's items, which is the one for a fair comparison.
    public var isChosen: Bool
}
