/// How one block is computed.
///
/// ```
/// sequential:  x ← x + r · after(attention(before(x)));  x ← x + r · after(mlp(before(x)))
/// parallel:    x ← x + r · after(attention(before(x))) + r · after(mlp(before(x)))
/// ```
///
/// Here `before` and `after` are the norms at those places, and r is the residual multiplier.
public struct BlockDescription: Sendable, Equatable {
    /// The places of the norms; the default is before attention and before the MLP, as in Llama and most others.
    public var norms: NormPlaces = [.beforeAttention, .beforeMLP]
    /// Whether attention and MLP follow one another, which is the default, or are side by side.
    public var residual = ResidualOrder.sequential
    /// r: the outputs of attention and MLP are multiplied by it before they are added to the residual stream.
    public var residualMultiplier: Float = 1
    /// How the attention is computed.
    public var attention: AttentionDescription
    /// How the MLP is computed.
    public var mlp: MLPDescription

    /// A block as in Llama: norms before attention and MLP, one after the other, with a multiplier of 1; differences
    /// are set afterwards.
    public init(attention: AttentionDescription, mlp: MLPDescription) {
        self.attention = attention
        self.mlp = mlp
    }
}

/// Whether the MLP reads the residual stream after the attention has added to it, or the same stream as the attention.
public enum ResidualOrder: String, Sendable {
    /// The MLP reads the stream after the attention has added to it (Llama and most others).
    case sequential
    /// Both read the same stream, and both are added to it (GPT-NeoX).
    case parallel
}

/// The places where a block has norms.
///
/// If a block in parallel order has no norm before the MLP, the MLP reads the same as the attention.
public struct NormPlaces: OptionSet, Sendable, Hashable {
    /// The places as bits.
    public let rawValue: Int
    public init(rawValue: Int) { self.rawValue = rawValue }

    /// On the input of queries, keys and values.
    public static let beforeAttention = NormPlaces(rawValue: 1)
    /// On the output of the attention's output projection.
    public static let afterAttention = NormPlaces(rawValue: 2)
    /// On the input of the MLP.
    public static let beforeMLP = NormPlaces(rawValue: 4)
    /// On the output of the MLP, before it is added to the stream.
    public static let afterMLP = NormPlaces(rawValue: 8)
}

/// A norm's kind and ε.
public struct NormDescription: Sendable, Equatable {
    /// The norm's formula; x is [M], w and b are learned.
    public enum Kind: String, Sendable {
        /// w · x / √(mean(x²) + ε) (Zhang & Sennrich 2019, arXiv 1910.07467)
        case rms
        /// w · (x − mean(x)) / √(variance(x) + ε) + b (Ba et al. 2016, arXiv 1607.06450)
        case layer
    }
    /// The norm's formula.
    public var kind: Kind
    /// ε, added to the mean square or the variance; 1e-5 or 1e-6 in most families.
    public var epsilon: Float

    /// A norm; ε has no default, because a wrong one goes unnoticed.
    public init(_ kind: Kind, epsilon: Float) {
        self.kind = kind
        self.epsilon = epsilon
    }
}

/// How a layer's attention is computed: z = softmax(cap(scale · q Kᵀ)) V over the positions that a query sees.
public struct AttentionDescription: Sendable, Equatable {
    /// The rotary embedding; nil if queries and keys are not rotated.
    public var rotary: RotaryDescription?
    /// The number of positions that a query sees, including its own; nil for all up to its own.
    public var window: Int?
    /// The number that scores are multiplied by: 1 / √D in most families.
    public var scale: Float
    /// c: scores become c · tanh(score / c) before the softmax (Gemma 2).
    public var softCap: Float?
    /// The norm on queries and keys; by default there is none.
    public var queryKeyNorm = QueryKeyNorm.none
    /// c: queries, keys and values are clipped to between −c and c, after the norms on queries and keys (OLMoE).
    public var clip: Float?
    /// Whether each head has a learned score that takes a share of the softmax but has no value (gpt-oss).
    public var hasSinks = false

    /// Attention over all positions, without a cap, norms or sinks; differences are set afterwards.
    ///
    /// - Parameter scale: the number that scores are multiplied by: 1 / √D in most families.
    public init(rotary: RotaryDescription?, scale: Float) {
        self.rotary = rotary
        self.scale = scale
    }
}

/// A norm on queries and keys before they are rotated.
public enum QueryKeyNorm: String, Sendable {
    /// None, as in Llama.
    case none
    /// On each head's D values, with the same weights for all heads (Qwen 3, Gemma 3).
    case head
    /// On each head's D values, with separate weights for each head (StableLM 2 12B).
    case eachHead
    /// On all H · D or K · D values together (OLMo 2).
    case allHeads
}

/// How a block's MLP is computed.
public enum MLPDescription: Sendable, Equatable {
    /// W_down (a(W_gate x) · W_up x) (Shazeer 2020, arXiv 2002.05202)
    case gated(Activation)
    /// W_down a(W_up x)
    case plain(Activation)
    /// Some of many gated MLPs, chosen for each token (Shazeer et al. 2017, arXiv 1701.06538).
    case experts(ExpertsDescription)
}

/// An MLP's nonlinearity a.
public enum Activation: String, Sendable {
    /// x / (1 + e^−x)
    case silu
    /// x Φ(x) with the normal distribution function Φ (Hendrycks & Gimpel 2016, arXiv 1606.08415)
    case gelu
    /// The same with Φ(x) ≈ (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2
    case geluTanh
    /// max(0, x)²
    case reluSquared
}

/// A mixture of experts: which experts a token takes, and with what weights.
public struct ExpertsDescription: Sendable, Equatable {
    /// How the chosen experts are weighted.
    public enum Weighting: String, Sendable {
        /// Softmax over the router's scores of all experts.
        case overAll
        /// Softmax over the scores of the chosen experts: the same as ``overAll`` divided by the sum over the chosen
        /// experts.
        case overChosen
    }
    /// The number of experts in a layer.
    public var count: Int
    /// The number of experts that a token takes: those with the largest router scores.
    public var perToken: Int
    /// How the chosen experts are weighted.
    public var weighting: Weighting
    /// gpt-oss's gate; nil for the usual one, silu(g) · u.
    public var limitedGate: LimitedGate?

    /// A mixture; `limitedGate` is gpt-oss's gate, and nil, the default, is silu(g) · u.
    public init(count: Int, perToken: Int, weighting: Weighting, limitedGate: LimitedGate? = nil) {
        self.count = count
        self.perToken = perToken
        self.weighting = weighting
        self.limitedGate = limitedGate
    }
}

/// gpt-oss's gate with the limit ℓ and the slope α: g ← min(g, ℓ), u ← clamp(u, −ℓ, ℓ), then g · σ(α g) · (u + 1).
public struct LimitedGate: Sendable, Equatable {
    /// ℓ
    public var limit: Float
    /// α
    public var slope: Float

    /// A gate; the defaults are gpt-oss's.
    public init(limit: Float = 7, slope: Float = 1.702) {
        self.limit = limit
        self.slope = slope
    }
}
