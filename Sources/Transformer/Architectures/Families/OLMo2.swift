/// OLMo 2: norms after attention and MLP and none before, norms on all queries and on all keys together
/// (OLMo Team 2025, arXiv 2501.00656).
enum OLMo2: Architecture {
    static let ggufNames = ["olmo2"]
    static let huggingFaceNames = ["olmo2": ["Olmo2ForCausalLM"]]

    static func describe(_ settings: GGUFSettings) throws -> ModelDescription {
        var configuration = try settings.shape()
        try configuration.requireWholeRotation(path: settings.place("rope.dimension_count"))
        if let window = try settings.integer("attention.sliding_window"), window > 0 {
            throw settings.refuse("attention.sliding_window", "windows, which OLMo 3 has, and OLMo 2 hasn't")
        }
        setBlocks(&configuration)
        return ModelDescription(
            configuration: configuration, layout: TensorLayout(names: .gguf, outputBias: .tensorOfOurs))
    }

    static func describe(_ settings: HuggingFaceSettings) throws -> ModelDescription {
        var configuration = try settings.shape("olmo2", context: 2048, epsilon: 1e-5)
        try configuration.requireWholeRotation(path: settings.path)
        setBlocks(&configuration)
        return ModelDescription(
            configuration: configuration,
            layout: TensorLayout(
                names: .huggingFace, biases: try settings.biases("attention_bias", LinearRole.attention)))
    }

    private static func setBlocks(_ configuration: inout ModelConfiguration) {
        for layer in configuration.blocks.indices {
            configuration.blocks[layer].norms = [.afterAttention, .afterMLP]
            configuration.blocks[layer].attention.queryKeyNorm = .allHeads
        }
        configuration.modules.attentionOut = "post_attention_layernorm.output"
        configuration.modules.residualMid = "mlp.input"
        configuration.modules.mlpOut = "post_feedforward_layernorm.output"
    }
}
