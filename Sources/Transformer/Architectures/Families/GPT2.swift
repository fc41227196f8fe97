import DataFiles

/// GPT-2: learned positions, layer norms, a plain MLP (Radford et al. 2019, "Language Models are Unsupervised Multitask
/// Learners").
enum GPT2: Architecture {
    static let ggufNames = ["gpt2"]
    static let huggingFaceNames = ["gpt2": ["GPT2LMHeadModel"]]

    static func describe(_ settings: GGUFSettings) throws -> ModelDescription {
        var configuration = try settings.shape(norm: .layer)
        setBlocks(&configuration)
        return ModelDescription(
            configuration: configuration,
            layout: TensorLayout(names: .gguf, queryKeyValue: .stacked, outputBias: .always))
    }

    static func describe(_ settings: HuggingFaceSettings) throws -> ModelDescription {
        let layers = try settings.count("n_layer", "number of layers", below: 1 << 16)
        let heads = try settings.count("n_head", "number of heads", below: 1 << 16)
        let width = try settings.required("n_embd")
        if settings.has("quantization_config") {
            throw settings.refuse("quantization_config", "weights quantised in a way that is not read")
        }
        if try settings.bool("add_cross_attention") == true {
            throw settings.refuse("add_cross_attention", "attention to another model")
        }
        let context = try settings.integer("n_positions", default: 1024)
        if let older = try settings.integer("n_ctx"), older != context {
            throw settings.refuse("n_ctx", "a context of \(older) beside n_positions of \(context)")
        }
        let headSize = width / heads
        let isScaled = try settings.bool("scale_attn_weights") ?? true
        let isScaledByLayer = try settings.bool("scale_attn_by_inverse_layer_idx") ?? false
        let activation = try settings.activation("activation_function", default: .geluTanh)
        var configuration = ModelConfiguration(
            architecture: "gpt2", layers: layers, heads: heads, kvHeads: heads, headSize: headSize, width: width,
            feedForward: try settings.integer("n_inner") ?? width.multipliedReportingOverflow(by: 4).partialValue,
            vocabulary: try settings.required("vocab_size"), context: context,
            norm: NormDescription(.layer, epsilon: Float(try settings.double("layer_norm_epsilon", default: 1e-5))),
            blocks: (0..<layers).map { layer in
                let scale =
                    (isScaled ? 1 / Float(max(1, headSize)).squareRoot() : 1) / (isScaledByLayer ? Float(layer + 1) : 1)
                return BlockDescription(
                    attention: AttentionDescription(rotary: nil, scale: scale), mlp: .plain(activation))
            },
            tiedEmbeddings: try settings.bool("tie_word_embeddings") ?? true)
        setBlocks(&configuration, activation: activation)
        return ModelDescription(
            configuration: configuration,
            layout: TensorLayout(
                names: tensors(prefix: settings.folder.tensorNames.contains("wte.weight") ? "" : "transformer."),
                queryKeyValue: .stacked, biases: LinearRole.attention.union(LinearRole.mlp), isTransposed: true,
                outputBias: .always))
    }

    private static func setBlocks(_ configuration: inout ModelConfiguration, activation: Activation = .geluTanh) {
        configuration.embedding.hasPositions = true
        configuration.setAllMLPs(.plain(activation))
        configuration.setAllAttention { $0.rotary = nil }
        configuration.modules.layer = "transformer.h.#"
        configuration.modules.query = "attn.c_attn.output[query]"
        configuration.modules.key = "attn.c_attn.output[key]"
        configuration.modules.value = "attn.c_attn.output[value]"
        configuration.modules.attention = "attn"
        configuration.modules.output = "attn.c_proj"
        configuration.modules.attentionOut = "attn.c_proj.output"
        configuration.modules.residualMid = "ln_2.input"
        configuration.modules.mlpPre = "mlp.c_fc.output"
        configuration.modules.down = "mlp.c_proj"
        configuration.modules.finalNorm = "transformer.ln_f"
    }

    /// - Parameter prefix: `transformer.`, or empty for the first checkpoints, which lack it.
    private static func tensors(prefix: String) -> TensorNames {
        var names = TensorNames.huggingFace
        names.embedding = "\(prefix)wte"
        names.positions = "\(prefix)wpe"
        names.finalNorm = "\(prefix)ln_f"
        names.attentionNorm = "\(prefix)h.#.ln_1"
        names.queryKeyValue = "\(prefix)h.#.attn.c_attn"
        names.output = "\(prefix)h.#.attn.c_proj"
        names.mlpNorm = "\(prefix)h.#.ln_2"
        names.up = "\(prefix)h.#.mlp.c_fc"
        names.down = "\(prefix)h.#.mlp.c_proj"
        return names
    }
}
