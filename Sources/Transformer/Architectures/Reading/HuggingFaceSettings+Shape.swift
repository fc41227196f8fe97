import DataFiles

extension HuggingFaceSettings {
    /// The settings that nearly all families store in the same way: sizes, norm, gated MLPs; absent fields have the
    /// defaults that transformers has for the family.
    ///
    /// - Parameters:
    ///   - architecture: the family's name in GGUF files.
    ///   - context: `max_position_embeddings` if the field is absent.
    ///   - epsilonField: the field of the norm's ε.
    ///   - base: the rotary base if no field gives it.
    ///   - rotaryShare: the share of a head's values that are rotated, if no field gives it.
    ///   - activationField: the field of the MLP's activation.
    ///   - layerType: see `rotary`.
    ///   - isQuantized: whether the family has read `quantization_config`, which is refused otherwise.
    func shape(
        _ architecture: String, context: Int, norm kind: NormDescription.Kind = .rms,
        epsilonField: String = "rms_norm_eps", epsilon: Double = 1e-6, base: Double = 10_000, rotaryShare: Double = 1,
        activationField: String = "hidden_act", activation: Activation = .silu, tied: Bool = false,
        headSize standardHeadSize: Int? = nil, layerType: String? = nil, isQuantized: Bool = false
    ) throws -> ModelConfiguration {
        if !isQuantized, has("quantization_config") {
            throw refuse("quantization_config", "weights quantised in a way that is not read")
        }
        let layers = try count("num_hidden_layers", "number of layers", below: 1 << 16)
        let heads = try count("num_attention_heads", "number of heads", below: 1 << 16)
        let width = try required("hidden_size")
        let headSize = try integer("head_dim") ?? standardHeadSize ?? width / heads
        let context = try integer("max_position_embeddings", default: context)
        let rotary = try rotary(
            headSize: headSize, base: base, context: context, share: rotaryShare, layerType: layerType)
        let attention = AttentionDescription(rotary: rotary, scale: 1 / Float(max(1, headSize)).squareRoot())
        let mlp = MLPDescription.gated(try self.activation(activationField, default: activation))
        return ModelConfiguration(
            architecture: architecture, layers: layers, heads: heads,
            kvHeads: try integer("num_key_value_heads") ?? heads, headSize: headSize, width: width,
            feedForward: try required("intermediate_size"), vocabulary: try required("vocab_size"), context: context,
            norm: NormDescription(kind, epsilon: Float(try double(epsilonField, default: epsilon))),
            blocks: Array(repeating: BlockDescription(attention: attention, mlp: mlp), count: layers),
            tiedEmbeddings: try bool("tie_word_embeddings") ?? tied)
    }

    /// The MLP's activation, under its names in transformers.
    func activation(_ field: String, default standard: Activation) throws -> Activation {
        switch try string(field) {
        case nil: return standard
        case "silu", "swish": return .silu
        case "gelu": return .gelu
        case "gelu_new", "gelu_pytorch_tanh", "gelu_fast": return .geluTanh
        case "relu2": return .reluSquared
        case let name?: throw refuse(field, "the activation \(name)")
        }
    }

    /// A size from which lists are made; it is limited so that no file can ask for an endless list.
    func count(_ field: String, _ name: String, below bound: Int) throws -> Int {
        let value = try required(field)
        guard value >= 1, value <= bound else {
            throw InputError.badData(
                "\(value) as the \(name)", in: "\(path): \(field)", remedy: "fetch the model again")
        }
        return value
    }

    /// The window of each layer, from `layer_types` if it is given, otherwise by `isWindowed`.
    ///
    /// - Returns: the window of each layer, nil for layers that see everything.
    func windows(_ window: Int?, layers: Int, isWindowed: (Int) -> Bool) throws -> [Int?] {
        guard let types = try strings("layer_types") else {
            return (0..<layers).map { isWindowed($0) ? window : nil }
        }
        guard types.count == layers else { throw wrong("layer_types", "a list of \(layers) types") }
        return try types.map { type in
            switch type {
            case "full_attention": return nil
            case "sliding_attention":
                guard let window else { throw missing("sliding_window") }
                return window
            default: throw refuse("layer_types", "a layer of the type \(type)")
            }
        }
    }

    /// The biases that a field switches on.
    func biases(_ field: String, _ roles: Set<LinearRole>, default standard: Bool = false) throws -> Set<LinearRole> {
        try bool(field) ?? standard ? roles : []
    }
}
