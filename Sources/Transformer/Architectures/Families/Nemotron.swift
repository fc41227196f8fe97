/// Nemotron-4 and Minitron: layer norms, half of each head rotated, a plain MLP with squared relu (Parmar et al. 2024,
/// arXiv 2402.16819; Muralidharan et al. 2024, arXiv 2407.14679).
enum Nemotron: Architecture {
    static let ggufNames = ["nemotron"]
    static let huggingFaceNames = ["nemotron": ["NemotronForCausalLM"]]

    static func describe(_ settings: GGUFSettings) throws -> ModelDescription {
        var configuration = try settings.shape(norm: .layer)
        // The converter writes ε under both names; llama.cpp reads the other one.
        _ = try settings.double("attention.layer_norm_rms_epsilon")
        setBlocks(&configuration, activation: .reluSquared)
        return ModelDescription(configuration: configuration, layout: TensorLayout(names: .gguf, outputBias: .tensor))
    }

    static func describe(_ settings: HuggingFaceSettings) throws -> ModelDescription {
        var configuration = try settings.shape(
            "nemotron", context: 4096, norm: .layer, epsilonField: "norm_eps", epsilon: 1e-5, rotaryShare: 0.5,
            activation: .reluSquared)
        setBlocks(&configuration, activation: try settings.activation("hidden_act", default: .reluSquared))
        let biases = try settings.biases("attention_bias", LinearRole.attention)
            .union(settings.biases("mlp_bias", LinearRole.mlp))
        return ModelDescription(
            configuration: configuration, layout: TensorLayout(names: .huggingFace, biases: biases, normOffset: 1))
    }

    private static func setBlocks(_ configuration: inout ModelConfiguration, activation: Activation) {
        configuration.setAllMLPs(.plain(activation))
        configuration.modules.mlpPre = "mlp.up_proj.output"
    }
}
