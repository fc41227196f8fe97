/// The method that edits are learned with.
public enum LearningMethod: String, Sendable, Codable, CaseIterable {
    /// Offsets of heads that are chosen by learned scalings (Yin, Ye & Durrett 2024, arXiv 2406.01563).
    case lofit
    /// Scalings and offsets behind gates that are learned together with them (Lai, Fraser & Titov 2025, arXiv
    /// 2502.01179).
    case jola
    /// One gate for each head, under pressure to close and to open, which finds the heads that a behaviour needs (Nam
    /// et al. 2025, arXiv 2505.13737).
    case gates

    /// The paper and the code that the recipe follows.
    public var source: String {
        switch self {
        case .lofit: "LoFiT, Yin, Ye & Durrett 2024, arXiv 2406.01563, and its code"
        case .jola: "JoLA, Lai, Fraser & Titov 2025, arXiv 2502.01179, and its code"
        case .gates: "Causal head gating, Nam et al. 2025, arXiv 2505.13737, and its code"
        }
    }

    /// The number of items in a step, as in the sources.
    var batch: Int { self == .gates ? 32 : 8 }

    /// +1 if the plan should increase the behaviour, −1 if it removes it.
    public var intended: Int { self == .gates ? -1 : 1 }
}
