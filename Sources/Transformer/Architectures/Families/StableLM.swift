/// StableLM 2: layer norms, part of each head rotated; the largest model has attention and MLP side by side, and a norm
/// for each head's query and key (Bellagente et al. 2024, arXiv 2402.17834).
enum StableLM: Architecture {
    static let ggufNames = ["stablelm"]
    static let huggingFaceNames = ["stablelm": ["StableLmForCausalLM"]]

    /// Reads a GGUF file; as in llama.cpp, the tensors show which norms there are.
    ///
    /// If `config.json` doesn't have `use_parallel_residual`, it is false, but the converter writes it as true.
    static func describe(_ settings: GGUFSettings) throws -> ModelDescription {
        var configuration = try settings.shape(norm: .layer)
        _ = try settings.bool("use_parallel_residual")
        for layer in configuration.blocks.indices {
            if !settings.hasTensor("blk.\(layer).ffn_norm.weight") { configuration.blocks[layer].setParallel() }
            if settings.hasTensor("blk.\(layer).attn_q_norm.weight") {
                configuration.blocks[layer].attention.queryKeyNorm = .eachHead
            }
        }
        return ModelDescription(
            configuration: configuration, layout: TensorLayout(names: .gguf, outputBias: .tensorOfOurs))
    }

    static func describe(_ settings: HuggingFaceSettings) throws -> ModelDescription {
        var configuration = try settings.shape(
            "stablelm", context: 4096, norm: .layer, epsilonField: "layer_norm_eps", epsilon: 1e-5, rotaryShare: 0.25)
        if try settings.bool("use_parallel_residual") ?? false {
            for layer in configuration.blocks.indices { configuration.blocks[layer].setParallel() }
        }
        if try settings.bool("qk_layernorm") ?? false {
            configuration.setAllAttention { $0.queryKeyNorm = .eachHead }
        }
        var names = TensorNames.huggingFace
        names.queryNorm = "model.layers.#.self_attn.q_layernorm.norms.@"
        names.keyNorm = "model.layers.#.self_attn.k_layernorm.norms.@"
        let biases = try settings.biases("use_qkv_bias", LinearRole.queryKeyValue)
        return ModelDescription(
            configuration: configuration, layout: TensorLayout(names: names, biases: biases, outputBias: .never))
    }
}

extension BlockDescription {
    /// Makes the MLP read the same as the attention, through one norm.
    fileprivate mutating func setParallel() {
        residual = .parallel
        norms = [.beforeAttention]
    }
}
