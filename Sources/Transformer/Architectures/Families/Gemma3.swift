import DataFiles

/// Gemma 3, text: norms before and after attention and MLP, norms on queries and keys, five windowed layers for each
/// full one, and a rotary base for each of these two kinds of layer (Gemma Team 2025, arXiv 2503.19786).
enum Gemma3: Architecture {
    static let ggufNames = ["gemma3"]
    static let huggingFaceNames = ["gemma3_text": ["Gemma3ForCausalLM"]]

    static func describe(_ settings: GGUFSettings) throws -> ModelDescription {
        var configuration = try settings.shape()
        try configuration.requireWholeRotation(path: settings.place("rope.dimension_count"))
        Gemma2.setBlocks(&configuration)
        let windows = try settings.windows(layers: configuration.layers, everyNthIsFull: 6)
        let local = RotaryDescription(
            size: configuration.headSize, base: try settings.double("rope.freq_base_swa") ?? 10_000)
        setAttention(&configuration, windows: windows, local: local)
        configuration.unembedding.softCap = try settings.softCap("final_logit_softcapping")
        // The file doesn't store the scale; the largest model has another one.
        if configuration.layers == 62 { Gemma2.scaleByWidth(&configuration) }
        return ModelDescription(
            configuration: configuration, layout: TensorLayout(names: .gguf, outputBias: .tensorOfOurs))
    }

    static func describe(_ settings: HuggingFaceSettings) throws -> ModelDescription {
        var configuration = try settings.shape(
            "gemma3", context: 131_072, base: 1_000_000, activationField: "hidden_activation", activation: .geluTanh,
            tied: true, headSize: 256, layerType: "full_attention")
        let activation = try settings.activation("hidden_activation", default: .geluTanh)
        Gemma2.setBlocks(&configuration, activation: activation)
        let size = configuration.headSize
        try configuration.requireWholeRotation(path: settings.path)
        let local = try settings.localRotary(headSize: size, context: configuration.context)
        let every = try settings.integer("sliding_window_pattern") ?? settings.integer("_sliding_window_pattern") ?? 6
        let windows = try settings.windows(
            settings.optionalInteger("sliding_window", default: 4096), layers: configuration.layers
        ) { every > 0 && ($0 + 1) % every != 0 }
        setAttention(&configuration, windows: windows, local: local)
        try Gemma2.readCapsAndScale(&configuration, settings, attentionCap: nil, finalCap: nil)
        return ModelDescription(
            configuration: configuration,
            layout: TensorLayout(
                names: Gemma2.huggingFaceTensors,
                biases: try settings.biases("attention_bias", LinearRole.attention), normOffset: 1))
    }

    private static func setAttention(
        _ configuration: inout ModelConfiguration, windows: [Int?], local: RotaryDescription
    ) {
        for (layer, window) in windows.enumerated() {
            configuration.blocks[layer].attention.queryKeyNorm = .head
            configuration.blocks[layer].attention.window = window
            if window != nil { configuration.blocks[layer].attention.rotary = local }
        }
    }
}

extension HuggingFaceSettings {
    /// The rotary embedding of windowed layers: an entry of `rope_parameters`, or `rope_local_base_freq` in the older
    /// spelling.
    fileprivate func localRotary(headSize: Int, context: Int) throws -> RotaryDescription {
        let base = try double("rope_local_base_freq")
        guard let parameters = try object("rope_parameters"), parameters.has("sliding_attention") else {
            return RotaryDescription(size: headSize, base: base ?? 10_000)
        }
        let rotary = try rotary(headSize: headSize, base: 10_000, context: context, layerType: "sliding_attention")
        if let base, base != rotary.base {
            throw InputError.badData(
                "rotary bases that disagree (\(base), and \(rotary.base) in rope_parameters)",
                in: "\(path): rope_local_base_freq", remedy: "correct the one that is wrong")
        }
        return rotary
    }
}
