/// Llama 1 to 3 and models built like them (SmolLM2, Yi, DeepSeek's dense ones); in GGUF files also Mistral and
/// Mixtral.
///
/// Touvron et al. 2023, arXiv 2302.13971; Grattafiori et al. 2024, arXiv 2407.21783.
enum Llama: Architecture {
    static let ggufNames = ["llama"]
    static let huggingFaceNames = ["llama": ["LlamaForCausalLM"]]

    static func describe(_ settings: GGUFSettings) throws -> ModelDescription {
        var configuration = try settings.shape()
        try configuration.requireWholeRotation(path: settings.place("rope.dimension_count"))
        if let experts = try settings.integer("expert_count"), experts > 0 {
            configuration.setAllMLPs(.experts(try settings.experts(.overChosen)))
        } else {
            _ = try settings.integer("expert_used_count")
        }
        return ModelDescription(
            configuration: configuration,
            layout: TensorLayout(names: .gguf, hasInterleavedRotation: true, outputBias: .tensor))
    }

    static func describe(_ settings: HuggingFaceSettings) throws -> ModelDescription {
        let configuration = try settings.shape("llama", context: 2048)
        try configuration.requireWholeRotation(path: settings.path)
        let biases = try settings.biases("attention_bias", LinearRole.attention)
            .union(settings.biases("mlp_bias", LinearRole.mlp))
        return ModelDescription(
            configuration: configuration, layout: TensorLayout(names: .huggingFace, biases: biases))
    }
}
