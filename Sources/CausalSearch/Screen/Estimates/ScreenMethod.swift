/// How a search screens all heads to find those that it measures in full.
public enum ScreenMethod: String, Sendable, Codable, CaseIterable {
    /// Every head is measured in full.
    case exact
    /// Random sets of heads are knocked out together by replacing z with its mean; a lasso estimates each head's
    /// effect.
    case knockouts
    /// Random sets of heads are moved together along their directions; a lasso estimates each head's effect.
    case groups
    /// All heads are moved on few items, the better half of them on twice as many, and so on.
    case halving
    /// The derivative of the logit difference at every head, times the edit, for all heads at once
    /// (``SteeringAttribution``).
    case attribution
}
