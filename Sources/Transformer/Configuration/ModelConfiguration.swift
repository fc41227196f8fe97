/// The shape of a language model and the computation of its blocks, as data.
///
/// The letters in this module's shapes are: L layers, H query heads, K key-value heads, D head size, M width of the
/// residual stream, F width of the MLP, V vocabulary, T positions, R rows of a pass.
public struct ModelConfiguration: Sendable, Equatable {
    /// The family's name as GGUF files spell it: `llama`, `qwen2`.
    public var architecture: String
    /// L, the number of blocks.
    public var layers: Int
    /// H, the number of query heads in a layer.
    public var heads: Int
    /// K, the number of key-value heads; query head h reads key-value head h / (H / K).
    public var kvHeads: Int
    /// D, the size of a head's query, key, value and z.
    public var headSize: Int
    /// M, the width of the residual stream.
    public var width: Int
    /// F, the width of the MLP; in a mixture of experts, the width of one expert.
    public var feedForward: Int
    /// V, the number of tokens.
    public var vocabulary: Int
    /// The largest number of positions that the model was made for.
    public var context: Int
    /// The kind and ε of all norms.
    public var norm: NormDescription
    /// How a token becomes the first residual stream.
    public var embedding = EmbeddingDescription()
    /// The description of each of the L blocks.
    public var blocks: [BlockDescription]
    /// How the last residual stream becomes logits.
    public var unembedding = UnembeddingDescription()
    /// Whether the output matrix is the embedding matrix.
    public var tiedEmbeddings: Bool
    /// The names of the family's modules in Hugging Face's implementation, for the names of sites.
    public var modules = ModuleNames.llama

    /// Which query heads share a key-value head.
    public var headGroups: HeadGroups { HeadGroups(heads: heads, kvHeads: kvHeads, headSize: headSize) }

    /// The rotary embeddings that the blocks use, each once, in order of first use.
    public var rotaries: [RotaryDescription] {
        var found: [RotaryDescription] = []
        for case let rotary? in blocks.map(\.attention.rotary) where !found.contains(rotary) { found.append(rotary) }
        return found
    }

    /// The longest text that can keep the rotary frequencies that it began with; nil if the frequencies don't depend on
    /// the length.
    ///
    /// LongRoPE (Ding et al. 2024, arXiv 2402.13753) has one set of frequencies for texts up to the context of the
    /// first training and one for longer texts. A text with a short prompt begins with the first set, and its keys
    /// don't fit the second.
    var lengthOfShortTexts: Int? {
        rotaries.compactMap { if case .longRope(let scaling) = $0.scaling { scaling.originalContext } else { nil } }
            .min()
    }
}

/// How a token becomes the first residual stream: multiplier · W_E[token], and with learned positions + W_P[position].
public struct EmbeddingDescription: Sendable, Equatable {
    /// The number that embeddings are multiplied by: √M in Gemma, a setting of its own in Granite, otherwise 1.
    public var multiplier: Float = 1
    /// Whether a learned vector is added for each position (GPT-2).
    public var hasPositions = false

    /// An embedding; the defaults are Llama's: no multiplier, no learned positions.
    public init(multiplier: Float = 1, hasPositions: Bool = false) {
        self.multiplier = multiplier
        self.hasPositions = hasPositions
    }
}

/// How the last residual stream x becomes logits: W_U norm(x) · multiplier, and with a soft cap c: c · tanh(… / c).
public struct UnembeddingDescription: Sendable, Equatable {
    /// The number that logits are multiplied by, before a soft cap (Granite); otherwise 1.
    public var multiplier: Float = 1
    /// c: logits become c · tanh(logit / c) (Gemma 2); nil for none.
    public var softCap: Float?

    /// An unembedding; the defaults are Llama's: neither a multiplier nor a soft cap.
    public init(multiplier: Float = 1, softCap: Float? = nil) {
        self.multiplier = multiplier
        self.softCap = softCap
    }
}
