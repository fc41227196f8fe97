/// Qwen 3 with a mixture of experts in every block (Yang et al. 2025, arXiv 2505.09388).
enum Qwen3MoE: Architecture {
    static let ggufNames = ["qwen3moe"]
    static let huggingFaceNames = ["qwen3_moe": ["Qwen3MoeForCausalLM"]]

    static func describe(_ settings: GGUFSettings) throws -> ModelDescription {
        var configuration = try settings.shape()
        try configuration.requireWholeRotation(path: settings.place("rope.dimension_count"))
        let experts = try settings.experts(.overChosen)
        configuration.feedForward = try settings.required("expert_feed_forward_length")
        setBlocks(&configuration, experts)
        return ModelDescription(
            configuration: configuration, layout: TensorLayout(names: .gguf, outputBias: .tensorOfOurs))
    }

    static func describe(_ settings: HuggingFaceSettings) throws -> ModelDescription {
        var configuration = try settings.shape("qwen3moe", context: 32_768, headSize: nil)
        try configuration.requireWholeRotation(path: settings.path)
        if try settings.bool("use_sliding_window") == true {
            throw settings.refuse("use_sliding_window", "windows")
        }
        _ = try settings.integer("sliding_window")
        _ = try settings.integer("max_window_layers")
        if let layers = try settings.integers("mlp_only_layers"), !layers.isEmpty {
            throw settings.refuse("mlp_only_layers", "layers without experts beside those with them")
        }
        if try settings.integer("decoder_sparse_step", default: 1) != 1 {
            throw settings.refuse("decoder_sparse_step", "layers without experts beside those with them")
        }
        configuration.feedForward = try settings.integer("moe_intermediate_size", default: 768)
        if let newer = try settings.integer("num_local_experts"), let older = try settings.integer("num_experts"),
            newer != older
        {
            throw settings.refuse("num_local_experts", "\(newer) experts beside num_experts of \(older)")
        }
        let isNormalized = try settings.bool("norm_topk_prob") ?? false
        let experts = ExpertsDescription(
            count: try settings.integer("num_local_experts") ?? settings.integer("num_experts", default: 128),
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
        configuration.setAllAttention { $0.queryKeyNorm = .head }
        configuration.setAllMLPs(.experts(experts))
    }
}
