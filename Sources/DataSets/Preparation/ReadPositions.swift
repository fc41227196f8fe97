/// The positions of a text at which activations are read.
public enum ReadPositions: String, Sendable, Codable, CaseIterable {
    /// The last token of all, as in HSI and ITI; with a chat template, the last one that the template writes.
    case last
    /// The last token of the completion, before anything that a chat template writes after it.
    case completion
    /// The mean over the tokens that overlap the marked span.
    case span
    /// Every token: one row for each.
    case all
}
