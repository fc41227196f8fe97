/// GPT-NeoX and Pythia: layer norms, part of each head rotated, attention and MLP side by side (Black et al. 2022,
/// arXiv 2204.06745; Biderman et al. 2023, arXiv 2304.01373).
///
/// GELU is the exact one, with which the models were trained. llama.cpp computes the approximation with tanh.
enum GPTNeoX: Architecture {
    static let ggufNames = ["gptneox"]
    static let huggingFaceNames = ["gpt_neox": ["GPTNeoXForCausalLM"]]

    static func describe(_ settings: GGUFSettings) throws -> ModelDescription {
        var configuration = try settings.shape(norm: .layer)
        setBlocks(&configuration, isParallel: try settings.bool("use_parallel_residual") ?? true, activation: .gelu)
        return ModelDescription(
            configuration: configuration,
            layout: TensorLayout(names: .gguf, queryKeyValue: .stacked, outputBias: .always))
    }

    static func describe(_ settings: HuggingFaceSettings) throws -> ModelDescription {
        let base = try settings.double("rotary_emb_base")
        var configuration = try settings.shape(
            "gptneox", context: 2048, norm: .layer, epsilonField: "layer_norm_eps", epsilon: 1e-5,
            base: base ?? 10_000, activation: .gelu)
        if let share = try settings.double("rotary_pct") {
            try setShare(share, &configuration, settings)
        } else if configuration.blocks.first?.attention.rotary?.size == configuration.headSize,
            try settings.object("rope_parameters")?.double("partial_rotary_factor") == nil
        {
            // The share that transformers uses if no field gives it.
            try setShare(0.25, &configuration, settings)
        }
        if let base, base != configuration.blocks.first?.attention.rotary?.base {
            throw settings.refuse("rotary_emb_base", "a rotary base of \(base) beside another")
        }
        let activation = try settings.activation("hidden_act", default: .gelu)
        setBlocks(
            &configuration, isParallel: try settings.bool("use_parallel_residual") ?? true, activation: activation)
        let biases = try settings.biases("attention_bias", LinearRole.attention, default: true).union(LinearRole.mlp)
        return ModelDescription(
            configuration: configuration,
            layout: TensorLayout(names: tensors(settings), queryKeyValue: .byHead, biases: biases))
    }

    private static func setShare(
        _ share: Double, _ configuration: inout ModelConfiguration, _ settings: HuggingFaceSettings
    ) throws {
        guard share > 0, share <= 1 else { throw settings.wrong("rotary_pct", "a share above 0, 1 at most") }
        let size = Int(Double(configuration.headSize) * share)
        configuration.setAllAttention { $0.rotary?.size = size }
    }

    private static func setBlocks(_ configuration: inout ModelConfiguration, isParallel: Bool, activation: Activation) {
        configuration.setAllMLPs(.plain(activation))
        for layer in configuration.blocks.indices {
            configuration.blocks[layer].residual = isParallel ? .parallel : .sequential
        }
        configuration.modules.layer = "gpt_neox.layers.#"
        configuration.modules.query = "attention.query_key_value.output[query]"
        configuration.modules.key = "attention.query_key_value.output[key]"
        configuration.modules.value = "attention.query_key_value.output[value]"
        configuration.modules.attention = "attention"
        configuration.modules.output = "attention.dense"
        configuration.modules.attentionOut = "attention.dense.output"
        configuration.modules.mlpPre = "mlp.dense_h_to_4h.output"
        configuration.modules.down = "mlp.dense_4h_to_h"
        configuration.modules.finalNorm = "gpt_neox.final_layer_norm"
        configuration.modules.unembedding = "embed_out"
    }

    private static func tensors(_ settings: HuggingFaceSettings) -> TensorNames {
        var names = TensorNames.huggingFace
        names.embedding = "gpt_neox.embed_in"
        names.finalNorm = "gpt_neox.final_layer_norm"
        names.unembedding = settings.folder.tensorNames.contains("lm_head.weight") ? "lm_head" : "embed_out"
        names.attentionNorm = "gpt_neox.layers.#.input_layernorm"
        names.queryKeyValue = "gpt_neox.layers.#.attention.query_key_value"
        names.output = "gpt_neox.layers.#.attention.dense"
        names.mlpNorm = "gpt_neox.layers.#.post_attention_layernorm"
        names.up = "gpt_neox.layers.#.mlp.dense_h_to_4h"
        names.down = "gpt_neox.layers.#.mlp.dense_4h_to_h"
        return names
    }
}
