/// Which positions of a text activations are read at.
public enum ReadPositions: String, Sendable, Codable, CaseIterable {
    /// The last token of all, as HSI and ITI do; with a chat template the last one that the template writes.
    case last
    /// The last token of the completion, before what a chat template writes after it.
    case completion
    /// The mean over the tokens that hold a part of the marked span.
    case span
    /// Every token: one row for each.
    case all
}
