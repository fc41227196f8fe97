/// SmolLM 3: Llama whose every fourth layer doesn't rotate queries and keys (Yang et al. 2025, arXiv 2501.18795).
enum SmolLM3: Architecture {
    static let ggufNames = ["smollm3"]
    static let huggingFaceNames = ["smollm3": ["SmolLM3ForCausalLM"]]

    static func describe(_ settings: GGUFSettings) throws -> ModelDescription {
        var configuration = try settings.shape()
        try configuration.requireWholeRotation(path: settings.place("rope.dimension_count"))
        // The file doesn't say which layers; they are the same in the whole family.
        for layer in configuration.blocks.indices where (layer + 1) % 4 == 0 {
            configuration.blocks[layer].attention.rotary = nil
        }
        return ModelDescription(
            configuration: configuration,
            layout: TensorLayout(names: .gguf, hasInterleavedRotation: true, outputBias: .tensorOfOurs))
    }

    static func describe(_ settings: HuggingFaceSettings) throws -> ModelDescription {
        var configuration = try settings.shape("smollm3", context: 32_768, base: 2_000_000, tied: true)
        try configuration.requireWholeRotation(path: settings.path)
        let isOn = try settings.bool("use_sliding_window") ?? false
        let size = try settings.integer("sliding_window")
        let interval = try settings.integer("no_rope_layer_interval") ?? 4
        guard interval > 0 else { throw settings.wrong("no_rope_layer_interval", "a positive number") }
        // 1 means that the layer does rotate, in spite of the field's name.
        let rotates =
            try settings.integers("no_rope_layers")
            ?? configuration.blocks.indices.map { ($0 + 1) % interval == 0 ? 0 : 1 }
        guard rotates.count == configuration.layers, rotates.allSatisfy({ $0 == 0 || $0 == 1 }) else {
            throw settings.wrong("no_rope_layers", "a list of \(configuration.layers) zeros and ones")
        }
        let windows = try settings.windows(isOn ? size : nil, layers: configuration.layers) { rotates[$0] == 1 }
        for layer in configuration.blocks.indices {
            configuration.blocks[layer].attention.window = windows[layer]
            if rotates[layer] == 0 { configuration.blocks[layer].attention.rotary = nil }
        }
        let biases = try settings.biases("attention_bias", LinearRole.attention)
            .union(settings.biases("mlp_bias", LinearRole.mlp))
        return ModelDescription(
            configuration: configuration, layout: TensorLayout(names: .huggingFace, biases: biases))
    }
}
