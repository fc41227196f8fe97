/// OLMoE: a mixture of experts with norms on all queries and on all keys together (Muennighoff et al. 2024, arXiv
/// 2409.02060).
enum OLMoE: Architecture {
    static let ggufNames = ["olmoe"]
    static let huggingFaceNames = ["olmoe": ["OlmoeForCausalLM"]]

    static func describe(_ settings: GGUFSettings) throws -> ModelDescription {
        var configuration = try settings.shape()
        try configuration.requireWholeRotation(path: settings.place("rope.dimension_count"))
        let experts = try settings.experts(.overAll)
        if let size = try settings.integer("expert_feed_forward_length") { configuration.feedForward = size }
        if let clip = try settings.double("attention.clamp_kqv"), clip != 0 {
            throw settings.refuse("attention.clamp_kqv", "queries, keys and values clipped at \(clip)")
        }
        setBlocks(&configuration, experts)
        return ModelDescription(
            configuration: configuration, layout: TensorLayout(names: .gguf, outputBias: .tensorOfOurs))
    }

    static func describe(_ settings: HuggingFaceSettings) throws -> ModelDescription {
        var configuration = try settings.shape("olmoe", context: 4096, epsilon: 1e-5)
        try configuration.requireWholeRotation(path: settings.path)
        if let clip = try settings.double("clip_qkv") {
            guard clip > 0 else { throw settings.wrong("clip_qkv", "a positive number") }
            configuration.setAllAttention { $0.clip = Float(clip) }
        }
        let isNormalized = try settings.bool("norm_topk_prob") ?? false
        let experts = ExpertsDescription(
            count: try settings.integer("num_experts", default: 64),
            perToken: try settings.integer("num_experts_per_tok", default: 8),
            weighting: isNormalized ? .overChosen : .overAll)
        setBlocks(&configuration, experts)
        return ModelDescription(
            configuration: configuration,
            layout: TensorLayout(
                names: .huggingFace, experts: .oneByOne,
                biases: try settings.biases("attention_bias", LinearRole.attention)))
    }

    private static func setBlocks(_ configuration: inout ModelConfiguration, _ experts: ExpertsDescription) {
        configuration.setAllAttention { $0.queryKeyNorm = .allHeads }
        configuration.setAllMLPs(.experts(experts))
    }
}
