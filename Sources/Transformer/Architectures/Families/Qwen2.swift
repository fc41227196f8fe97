/// Qwen 2 and 2.5: Llama with biases on queries, keys and values (Yang et al. 2024, arXiv 2407.10671).
enum Qwen2: Architecture {
    static let ggufNames = ["qwen2"]
    static let huggingFaceNames = ["qwen2": ["Qwen2ForCausalLM"]]

    static func describe(_ settings: GGUFSettings) throws -> ModelDescription {
        let configuration = try settings.shape()
        try configuration.requireWholeRotation(path: settings.place("rope.dimension_count"))
        return ModelDescription(
            configuration: configuration, layout: TensorLayout(names: .gguf, outputBias: .tensorOfOurs))
    }

    static func describe(_ settings: HuggingFaceSettings) throws -> ModelDescription {
        var configuration = try settings.shape("qwen2", context: 32_768)
        try configuration.requireWholeRotation(path: settings.path)
        try setWindows(&configuration, settings)
        return ModelDescription(
            configuration: configuration,
            layout: TensorLayout(names: .huggingFace, biases: LinearRole.queryKeyValue, outputBias: .never))
    }

    /// Windows are off unless `use_sliding_window` says otherwise, and begin at the layer `max_window_layers`.
    static func setWindows(_ configuration: inout ModelConfiguration, _ settings: HuggingFaceSettings) throws {
        let isOn = try settings.bool("use_sliding_window") ?? false
        let size = try settings.optionalInteger("sliding_window", default: 4096)
        let first = try settings.integer("max_window_layers", default: 28)
        let windows = try settings.windows(isOn ? size : nil, layers: configuration.layers) { $0 >= first }
        for (layer, window) in windows.enumerated() { configuration.blocks[layer].attention.window = window }
    }
}
