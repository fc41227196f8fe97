/// Mistral: Llama with windows (Jiang et al. 2023, arXiv 2310.06825); llama.cpp's converter writes it as `llama`,
/// without its window.
enum Mistral: Architecture {
    static let ggufNames: [String] = []
    static let huggingFaceNames = ["mistral": ["MistralForCausalLM"]]

    static func describe(_ settings: GGUFSettings) throws -> ModelDescription { try Llama.describe(settings) }

    static func describe(_ settings: HuggingFaceSettings) throws -> ModelDescription {
        var configuration = try settings.shape("llama", context: 131_072)
        try configuration.requireWholeRotation(path: settings.path)
        if try settings.integer("num_key_value_heads") == nil { configuration.kvHeads = 8 }
        let window = try settings.optionalInteger("sliding_window", default: 4096)
        for layer in configuration.blocks.indices { configuration.blocks[layer].attention.window = window }
        return ModelDescription(
            configuration: configuration, layout: TensorLayout(names: .huggingFace, biases: [], outputBias: .never))
    }
}
