/// Phi 3, 3.5 and 4: fused projections, LongRoPE, and in some only part of each head rotated (Abdin et al. 2024, arXiv
/// 2404.14219).
enum Phi3: Architecture {
    static let ggufNames = ["phi3"]
    static let huggingFaceNames = ["phi3": ["Phi3ForCausalLM"]]

    /// Reads a GGUF file, including its window, which llama.cpp ignores.
    static func describe(_ settings: GGUFSettings) throws -> ModelDescription {
        var configuration = try settings.shape()
        // Files with two lists of divisors don't always store the type of scaling.
        if settings.hasTensor("rope_factors_long.weight") {
            let rotary = try settings.longRotary(configuration)
            configuration.setAllAttention { $0.rotary = rotary }
        }
        if let window = try settings.integer("attention.sliding_window"), window > 0 {
            configuration.setAllAttention { $0.window = window }
        }
        setModules(&configuration)
        return ModelDescription(
            configuration: configuration,
            layout: TensorLayout(
                names: .gguf, queryKeyValue: .stacked, gateAndUp: .stacked, outputBias: .tensorOfOurs))
    }

    static func describe(_ settings: HuggingFaceSettings) throws -> ModelDescription {
        var configuration = try settings.shape("phi3", context: 4096, epsilon: 1e-5)
        _ = try settings.double("original_max_position_embeddings")
        let window = try settings.integer("sliding_window")
        configuration.setAllAttention { $0.window = window }
        setModules(&configuration)
        return ModelDescription(
            configuration: configuration,
            layout: TensorLayout(
                names: .huggingFace, queryKeyValue: .stacked, gateAndUp: .stacked, biases: [],
                outputBias: .never))
    }

    private static func setModules(_ configuration: inout ModelConfiguration) {
        configuration.modules.query = "self_attn.qkv_proj.output[query]"
        configuration.modules.key = "self_attn.qkv_proj.output[key]"
        configuration.modules.value = "self_attn.qkv_proj.output[value]"
        configuration.modules.mlpPre = "mlp.gate_up_proj.output[gate]"
        configuration.modules.mlpPreLinear = "mlp.gate_up_proj.output[up]"
    }
}

extension GGUFSettings {
    fileprivate func longRotary(_ configuration: ModelConfiguration) throws -> RotaryDescription {
        let size = configuration.blocks.first?.attention.rotary?.size ?? configuration.headSize
        return RotaryDescription(
            size: size, base: try double("rope.freq_base") ?? 10_000, scaling: try longRope(size: size))
    }
}
