import DataFiles

/// gpt-oss: attention sinks, every other layer windowed, experts with biases and a limited gate (OpenAI 2025, arXiv
/// 2508.10925).
enum GPTOSS: Architecture {
    static let ggufNames = ["gpt-oss"]
    static let huggingFaceNames = ["gpt_oss": ["GptOssForCausalLM"]]

    static func describe(_ settings: GGUFSettings) throws -> ModelDescription {
        var configuration = try settings.shape()
        try configuration.requireWholeRotation(path: settings.place("rope.dimension_count"))
        configuration.feedForward = try settings.required("expert_feed_forward_length")
        let windows = try settings.windows(layers: configuration.layers, everyNthIsFull: 2)
        var experts = try settings.experts(.overChosen)
        // The family has no other weighting, and its weights add up to 1 whether they are normalised again or not.
        experts.weighting = .overChosen
        // The file doesn't store these two values; all models of the family have them.
        experts.limitedGate = LimitedGate()
        configuration.setAllAttention {
            if case .yarn(var scaling) = $0.rotary?.scaling {
                scaling.roundsEnds = false
                $0.rotary?.scaling = .yarn(scaling)
            }
        }
        setBlocks(&configuration, windows: windows, experts)
        var names = TensorNames.gguf
        // The converter's name for the norm before the MLP.
        names.mlpNorm = "blk.#.post_attention_norm"
        return ModelDescription(configuration: configuration, layout: TensorLayout(names: names, outputBias: .always))
    }

    static func describe(_ settings: HuggingFaceSettings) throws -> ModelDescription {
        let isMicroscaled = try settings.hasMicroscaledExperts()
        var configuration = try settings.shape(
            "gpt-oss", context: 131_072, epsilon: 1e-5, base: 150_000, headSize: 64, isQuantized: isMicroscaled)
        try configuration.requireWholeRotation(path: settings.path)
        // Older files have this field beside the rope's fields too, with the same value.
        _ = try settings.integer("initial_context_length")
        let windows = try settings.windows(
            settings.optionalInteger("sliding_window", default: 128), layers: configuration.layers
        ) { ($0 + 1) % 2 != 0 }
        if let older = try settings.integer("experts_per_token"),
            let newer = try settings.integer("num_experts_per_tok"),
            older != newer
        {
            throw settings.refuse("experts_per_token", "\(older) beside num_experts_per_tok of \(newer)")
        }
        let experts = ExpertsDescription(
            count: try settings.integer("num_local_experts", default: 128),
            perToken: try settings.integer("num_experts_per_tok", default: 4), weighting: .overChosen,
            limitedGate: LimitedGate(
                limit: Float(try settings.double("swiglu_limit", default: 7)),
                slope: Float(try settings.double("swiglu_alpha", default: 1.702))))
        setBlocks(&configuration, windows: windows, experts)
        var names = TensorNames.huggingFace
        names.router = "model.layers.#.mlp.router"
        names.expertDown = "model.layers.#.mlp.experts.down_proj"
        let biases = try settings.biases("attention_bias", LinearRole.attention, default: true)
        return ModelDescription(
            configuration: configuration,
            layout: TensorLayout(
                names: names, experts: isMicroscaled ? .microscaledPairs : .transposedPairs,
                biases: biases.union(LinearRole.mlp).union([.router])))
    }

    private static func setBlocks(
        _ configuration: inout ModelConfiguration, windows: [Int?], _ experts: ExpertsDescription
    ) {
        for (layer, window) in windows.enumerated() {
            configuration.blocks[layer].attention.window = window
            configuration.blocks[layer].attention.hasSinks = true
        }
        configuration.setAllMLPs(.experts(experts))
    }
}

extension HuggingFaceSettings {
    /// Whether the experts are stored in MXFP4, as in all of OpenAI's models.
    ///
    /// The field also lists the modules that are not, but the tensors show that too.
    fileprivate func hasMicroscaledExperts() throws -> Bool {
        guard let quantization = try object("quantization_config") else { return false }
        guard try quantization.string("quant_method") == "mxfp4" else {
            throw refuse("quantization_config", "weights quantised in a way that is not read")
        }
        // `dequantize` is an option for those who load the model.
        let known: Set<String> = ["quant_method", "modules_to_not_convert", "dequantize"]
        for key in quantization.keys where !known.contains(key) && quantization.has(key) {
            throw InputError.unsupported(
                "a field that is not understood, and may change what the model computes",
                in: "\(quantization.place): \(key)", remedy: "use a model without it")
        }
        return true
    }
}
