import LlamaRuntime

/// One text to generate.
public struct GenerationRequest: Sendable {
    /// The prompt's tokens, at least one.
    public var prompt: [Int]
    /// Changes of sites, in the prompt's pass and in every one after it, at the positions that each edit's rule says.
    public var edits: [Edit]
    public var sampling: Sampling
    /// The most tokens to generate. The default, 128, is a paragraph.
    public var maxTokens: Int
    /// Tokens after which the text ends. They are part of the ids and not of the text.
    public var endTokens: Set<Int>

    public init(
        prompt: [Int], edits: [Edit] = [], sampling: Sampling = .greedy, maxTokens: Int = 128,
        endTokens: Set<Int> = []
    ) {
        precondition(!prompt.isEmpty, "A prompt needs at least one token.")
        precondition(maxTokens >= 0, "The number of tokens to generate can't be \(maxTokens).")
        self.prompt = prompt
        self.edits = edits
        self.sampling = sampling
        self.maxTokens = maxTokens
        self.endTokens = endTokens
    }
}

/// Why a text ended.
public enum StopReason: String, Sendable, Codable {
    /// The model wrote an end token.
    case endToken = "end"
    /// The number of tokens that was asked for is reached.
    case tokenLimit = "length"
    /// The model's context is full.
    case contextFull = "context"
    /// The logits are no finite numbers, so that no token can be chosen: broken weights, or an edit far too strong.
    case notFinite = "not-finite"
    /// The task or the caller cancelled it.
    case cancelled
}
