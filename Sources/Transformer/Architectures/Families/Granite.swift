/// Granite 3: Llama with multipliers on embeddings, attention scores, residual additions and logits
/// (Granite Team 2024, "Granite 3.0 Language Models").
enum Granite: Architecture {
    static let ggufNames = ["granite"]
    static let huggingFaceNames = ["granite": ["GraniteForCausalLM"]]

    static func describe(_ settings: GGUFSettings) throws -> ModelDescription {
        var configuration = try settings.shape()
        try configuration.requireWholeRotation(path: settings.place("rope.dimension_count"))
        if try settings.bool("rope.scaling.finetuned") == false {
            throw settings.refuse("rope.scaling.finetuned", "no rotary embedding")
        }
        // 0 means that there is none.
        func multiplier(_ key: String) throws -> Double? { try settings.double(key).flatMap { $0 == 0 ? nil : $0 } }
        try setMultipliers(
            &configuration, embedding: multiplier("embedding_scale") ?? 1, attention: multiplier("attention.scale"),
            residual: multiplier("residual_scale") ?? 1, logits: settings.requiredDouble("logit_scale"))
        return ModelDescription(
            configuration: configuration,
            layout: TensorLayout(names: .gguf, hasInterleavedRotation: true, outputBias: .tensor))
    }

    static func describe(_ settings: HuggingFaceSettings) throws -> ModelDescription {
        var configuration = try settings.shape("granite", context: 2048)
        try configuration.requireWholeRotation(path: settings.path)
        try setMultipliers(
            &configuration, embedding: settings.double("embedding_multiplier", default: 1),
            attention: settings.double("attention_multiplier", default: 1),
            residual: settings.double("residual_multiplier", default: 1),
            logits: settings.double("logits_scaling", default: 1))
        let biases = try settings.biases("attention_bias", LinearRole.attention)
            .union(settings.biases("mlp_bias", LinearRole.mlp))
        return ModelDescription(
            configuration: configuration, layout: TensorLayout(names: .huggingFace, biases: biases))
    }

    /// - Parameters:
    ///   - attention: the scale in place of 1 / √D; nil for 1 / √D.
    ///   - logits: the number that logits are divided by.
    private static func setMultipliers(
        _ configuration: inout ModelConfiguration, embedding: Double, attention: Double?, residual: Double,
        logits: Double
    ) throws {
        configuration.embedding.multiplier = Float(embedding)
        configuration.unembedding.multiplier = Float(1 / logits)
        for layer in configuration.blocks.indices {
            configuration.blocks[layer].residualMultiplier = Float(residual)
            if let attention { configuration.blocks[layer].attention.scale = Float(attention) }
        }
        configuration.modules.attentionOut = "self_attn.o_proj.output*residual_multiplier"
        configuration.modules.mlpOut = "mlp.output*residual_multiplier"
    }
}
