import TensorCore

/// A model's immutable weights.
struct ModelWeights: Sendable {
    /// [V, M]
    let embedding: WeightMatrix
    /// A learned vector for each position, [context, M], in families that have them.
    let positions: WeightMatrix?
    let layers: [BlockWeights]
    let finalNorm: NormWeights
    /// [V, M]
    let unembedding: LinearLayer
    /// Whether the rows of query and key weights are stored in the order of interleaved rotation: pairs (2i, 2i + 1)
    /// where Hugging Face has (i, i + D/2).
    let interleavedRotation: Bool
}

/// One block's weights; a class, so that a pass that takes a layer counts one reference, not twenty.
final class BlockWeights: Sendable {
    let attentionNorm: NormWeights?
    /// [H·D, M]
    let query: LinearLayer
    /// [K·D, M]
    let key: LinearLayer
    /// [K·D, M]
    let value: LinearLayer
    /// [D], [H, D] or [H·D], as ``QueryKeyNorm`` says.
    let queryNorm: NormWeights?
    /// [D], [K, D] or [K·D]
    let keyNorm: NormWeights?
    /// One score for each query head, [H].
    let sinks: [Float]?
    /// [M, H·D]; its input is z.
    let output: LinearLayer
    let attentionPostNorm: NormWeights?
    let mlpNorm: NormWeights?
    let mlp: MLPWeights
    let mlpPostNorm: NormWeights?

    init(
        attentionNorm: NormWeights?, query: LinearLayer, key: LinearLayer, value: LinearLayer,
        queryNorm: NormWeights?, keyNorm: NormWeights?, sinks: [Float]?, output: LinearLayer,
        attentionPostNorm: NormWeights?, mlpNorm: NormWeights?, mlp: MLPWeights, mlpPostNorm: NormWeights?
    ) {
        self.attentionNorm = attentionNorm
        self.query = query
        self.key = key
        self.value = value
        self.queryNorm = queryNorm
        self.keyNorm = keyNorm
        self.sinks = sinks
        self.output = output
        self.attentionPostNorm = attentionPostNorm
        self.mlpNorm = mlpNorm
        self.mlp = mlp
        self.mlpPostNorm = mlpPostNorm
    }
}

/// A norm's weights w and, in layer norms, biases b.
struct NormWeights: Sendable {
    let weight: [Float]
    let bias: [Float]?
}

/// The weights of a block's MLP.
enum MLPWeights: Sendable {
    /// gate [F, M], up [F, M], down [M, F]; a plain MLP has no gate.
    case dense(DenseMLPWeights)
    case experts(ExpertWeights)
}

final class DenseMLPWeights: Sendable {
    let gate: LinearLayer?
    let up: LinearLayer
    let down: LinearLayer

    init(gate: LinearLayer?, up: LinearLayer, down: LinearLayer) {
        self.gate = gate
        self.up = up
        self.down = down
    }
}

/// The weights of a mixture of E experts.
final class ExpertWeights: Sendable {
    /// [E, M]
    let router: LinearLayer
    /// E layers of [F, M]
    let gate: [LinearLayer]
    /// E layers of [F, M]
    let up: [LinearLayer]
    /// E layers of [M, F]
    let down: [LinearLayer]

    init(router: LinearLayer, gate: [LinearLayer], up: [LinearLayer], down: [LinearLayer]) {
        self.router = router
        self.gate = gate
        self.up = up
        self.down = down
    }
}
