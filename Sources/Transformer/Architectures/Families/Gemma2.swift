import DataFiles

/// Gemma 2: norms before and after attention and MLP, soft caps, every other layer windowed, embeddings multiplied by
/// √M (Gemma Team 2024, arXiv 2408.00118).
enum Gemma2: Architecture {
    static let ggufNames = ["gemma2"]
    static let huggingFaceNames = ["gemma2": ["Gemma2ForCausalLM"]]

    static func describe(_ settings: GGUFSettings) throws -> ModelDescription {
        var configuration = try settings.shape()
        try configuration.requireWholeRotation(path: settings.place("rope.dimension_count"))
        setBlocks(&configuration)
        let windows = try settings.windows(layers: configuration.layers, everyNthIsFull: 2)
        let cap = try settings.softCap("attn_logit_softcapping") ?? 50
        for (layer, window) in windows.enumerated() {
            configuration.blocks[layer].attention.window = window
            configuration.blocks[layer].attention.softCap = cap
        }
        configuration.unembedding.softCap = try settings.softCap("final_logit_softcapping") ?? 30
        // The file doesn't store the scale; the largest model has another one.
        if configuration.layers == 46 { scaleByWidth(&configuration) }
        return ModelDescription(
            configuration: configuration, layout: TensorLayout(names: .gguf, outputBias: .tensorOfOurs))
    }

    static func describe(_ settings: HuggingFaceSettings) throws -> ModelDescription {
        var configuration = try settings.shape(
            "gemma2", context: 8192, activationField: "hidden_activation", activation: .geluTanh, tied: true,
            headSize: 256)
        try configuration.requireWholeRotation(path: settings.path)
        setBlocks(&configuration, activation: try settings.activation("hidden_activation", default: .geluTanh))
        let windows = try settings.windows(
            settings.optionalInteger("sliding_window", default: 4096), layers: configuration.layers
        ) { ($0 + 1) % 2 != 0 }
        for (layer, window) in windows.enumerated() { configuration.blocks[layer].attention.window = window }
        try readCapsAndScale(&configuration, settings, attentionCap: 50, finalCap: 30)
        return ModelDescription(
            configuration: configuration,
            layout: TensorLayout(
                names: huggingFaceTensors, biases: try settings.biases("attention_bias", LinearRole.attention),
                normOffset: 1))
    }

    /// Sets what the blocks of Gemma 2 and 3 have in common.
    static func setBlocks(_ configuration: inout ModelConfiguration, activation: Activation = .geluTanh) {
        configuration.embedding.multiplier = Float(configuration.width).squareRoot()
        configuration.setAllMLPs(.gated(activation))
        for layer in configuration.blocks.indices {
            configuration.blocks[layer].norms = [.beforeAttention, .afterAttention, .beforeMLP, .afterMLP]
        }
        configuration.modules.attentionOut = "post_attention_layernorm.output"
        configuration.modules.residualMid = "pre_feedforward_layernorm.input"
        configuration.modules.mlpOut = "post_feedforward_layernorm.output"
    }

    static let huggingFaceTensors: TensorNames = {
        var names = TensorNames.huggingFace
        names.mlpNorm = "model.layers.#.pre_feedforward_layernorm"
        return names
    }()

    /// 1 / √(M / H), the scale of the 27B models.
    static func scaleByWidth(_ configuration: inout ModelConfiguration) {
        let scale = 1 / Float(configuration.width / configuration.heads).squareRoot()
        configuration.setAllAttention { $0.scale = scale }
    }

    /// Reads the fields of Gemma 2 and 3 for the soft caps and the divisor of queries.
    static func readCapsAndScale(
        _ configuration: inout ModelConfiguration, _ settings: HuggingFaceSettings, attentionCap: Double?,
        finalCap: Double?
    ) throws {
        let cap = try settings.optionalDouble("attn_logit_softcapping", default: attentionCap)
        let divisor = try settings.double("query_pre_attn_scalar", default: 256)
        guard divisor > 0 else { throw settings.wrong("query_pre_attn_scalar", "a positive number") }
        configuration.setAllAttention {
            $0.softCap = cap.map { Float($0) }
            $0.scale = 1 / Float(divisor).squareRoot()
        }
        configuration.unembedding.softCap =
            try settings.optionalDouble("final_logit_softcapping", default: finalCap).map { Float($0) }
        if try settings.bool("use_bidirectional_attention") == true {
            throw settings.refuse("use_bidirectional_attention", "attention to later positions")
        }
    }
}

extension GGUFSettings {
    /// A soft cap, if the file has one; 0 means that there is none.
    func softCap(_ key: String) throws -> Float? {
        try double(key).flatMap { $0 == 0 ? nil : Float($0) }
    }
}
