/// Mixtral: Mistral with a mixture of experts (Jiang et al. 2024, arXiv 2401.04088); llama.cpp's converter writes it as
/// `llama`.
enum Mixtral: Architecture {
    static let ggufNames: [String] = []
    static let huggingFaceNames = ["mixtral": ["MixtralForCausalLM"]]

    static func describe(_ settings: GGUFSettings) throws -> ModelDescription { try Llama.describe(settings) }

    static func describe(_ settings: HuggingFaceSettings) throws -> ModelDescription {
        var configuration = try settings.shape("llama", context: 131_072, epsilon: 1e-5, base: 1_000_000)
        try configuration.requireWholeRotation(path: settings.path)
        if try settings.integer("num_key_value_heads") == nil { configuration.kvHeads = 8 }
        let window = try settings.integer("sliding_window")
        configuration.setAllAttention { $0.window = window }
        let experts = ExpertsDescription(
            count: try settings.integer("num_local_experts", default: 8),
            perToken: try settings.integer("num_experts_per_tok", default: 2), weighting: .overChosen)
        configuration.setAllMLPs(.experts(experts))
        var names = TensorNames.huggingFace
        names.router = "model.layers.#.block_sparse_moe.gate"
        names.expertGate = "model.layers.#.block_sparse_moe.experts.@.w1"
        names.expertUp = "model.layers.#.block_sparse_moe.experts.@.w3"
        names.expertDown = "model.layers.#.block_sparse_moe.experts.@.w2"
        return ModelDescription(
            configuration: configuration,
            layout: TensorLayout(names: names, experts: .oneByOne, biases: [], outputBias: .never))
    }
}
