import DataFiles

/// The shape of a Llama-family model, and the constants of its layers.
///
/// The letters in this module's shapes: L layers, H query heads, K key-value heads, D head size, M width of the
/// residual stream, F width of the MLP, V vocabulary, T positions, R rows of a pass.
public struct ModelConfiguration: Sendable, Equatable {
    /// The architecture's name in the checkpoint: `llama`.
    public var architecture: String
    /// L, the number of blocks.
    public var layers: Int
    /// H, the number of query heads of a layer.
    public var heads: Int
    /// K, the number of key-value heads; query head h reads key-value head h / (H / K).
    public var kvHeads: Int
    /// D, the size of a head's query, key, value and z.
    public var headSize: Int
    /// M, the width of the residual stream.
    public var width: Int
    /// F, the width of the MLP.
    public var feedForward: Int
    /// V, the number of tokens.
    public var vocabulary: Int
    /// The largest number of positions that the model was made for.
    public var context: Int
    /// ε of the RMS norms.
    public var normEpsilon: Float
    /// The base of the rotary embedding's frequencies.
    public var ropeBase: Double
    /// How the rotary embedding is stretched beyond the context of the first training.
    public var ropeScaling: RopeScaling
    /// Whether the output matrix is the embedding matrix.
    public var tiedEmbeddings: Bool

    /// H / K, the number of query heads that share a key-value head.
    public var headsPerKeyValueHead: Int { heads / kvHeads }

    /// Checks that the sizes fit each other.
    ///
    /// - Parameter place: the file, for messages.
    /// - Throws: `InputError` of the kind `.badData` that names the field.
    func validate(place: String) throws {
        func check(_ condition: Bool, _ problem: String) throws {
            guard condition else {
                throw InputError.badData(problem, in: place, remedy: "fetch or convert the model again")
            }
        }
        // The bounds are far above any real model; they keep products of sizes from overflowing.
        for (name, value, bound) in [
            ("number of layers", layers, 1 << 16), ("number of heads", heads, 1 << 16),
            ("number of key-value heads", kvHeads, 1 << 16), ("head size", headSize, 1 << 16),
            ("width", width, 1 << 24), ("feed-forward width", feedForward, 1 << 24),
            ("vocabulary size", vocabulary, 1 << 26), ("context length", context, 1 << 30),
        ] {
            try check(value >= 1 && value <= bound, "\(value) as the \(name)")
        }
        try check(heads % kvHeads == 0, "\(heads) query heads, which \(kvHeads) key-value heads can't share evenly")
        try check(headSize % 2 == 0, "an odd head size (\(headSize)), which the rotary embedding can't rotate")
        try check(normEpsilon >= 0 && normEpsilon.isFinite, "a norm epsilon of \(normEpsilon)")
        try check(ropeBase > 0 && ropeBase.isFinite, "a rope base of \(ropeBase)")
    }
}

/// How a model stretches its rotary embedding.
public enum RopeScaling: Sendable, Equatable {
    case none
    /// All frequencies divided by a factor (position interpolation, Chen et al. 2023, arXiv 2306.15595).
    case linear(factor: Double)
    /// Llama 3.1's rule: low frequencies divided by `factor`, high ones kept, those between blended smoothly.
    case llama3(factor: Double, lowFrequencyFactor: Double, highFrequencyFactor: Double, originalContext: Double)
    /// One divisor for each of the D / 2 frequencies, as GGUF files store llama3's rule (`rope_freqs.weight`).
    case divisors([Float])
}
