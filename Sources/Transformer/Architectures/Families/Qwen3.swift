/// Qwen 3: norms on each head's query and key, no biases (Yang et al. 2025, arXiv 2505.09388).
enum Qwen3: Architecture {
    static let ggufNames = ["qwen3"]
    static let huggingFaceNames = ["qwen3": ["Qwen3ForCausalLM"]]

    static func describe(_ settings: GGUFSettings) throws -> ModelDescription {
        var configuration = try settings.shape()
        try configuration.requireWholeRotation(path: settings.place("rope.dimension_count"))
        configuration.setAllAttention { $0.queryKeyNorm = .head }
        return ModelDescription(
            configuration: configuration, layout: TensorLayout(names: .gguf, outputBias: .tensorOfOurs))
    }

    static func describe(_ settings: HuggingFaceSettings) throws -> ModelDescription {
        var configuration = try settings.shape("qwen3", context: 32_768, headSize: 128)
        try configuration.requireWholeRotation(path: settings.path)
        try Qwen2.setWindows(&configuration, settings)
        configuration.setAllAttention { $0.queryKeyNorm = .head }
        let biases = try settings.biases("attention_bias", LinearRole.attention)
        return ModelDescription(
            configuration: configuration, layout: TensorLayout(names: .huggingFace, biases: biases))
    }
}
