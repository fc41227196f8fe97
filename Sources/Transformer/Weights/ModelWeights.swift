import TensorCore

/// A model's immutable weights.
package struct ModelWeights: Sendable {
    /// [V, M]
    let embedding: WeightMatrix
    /// A learned vector for each position, [context, M], in families that have such vectors.
    let positions: WeightMatrix?
    package let layers: [BlockWeights]
    package let finalNorm: NormWeights
    /// [V, M]
    package let unembedding: LinearLayer
    /// Whether the rows of query and key weights are in the order of interleaved rotation: pairs (2i, 2i + 1) instead
    /// of Hugging Face's (i, i + D/2).
    package let interleavedRotation: Bool
}

/// One block's weights; a class, so that a pass that takes a layer counts one reference instead of twenty.
package final class BlockWeights: Sendable {
    package let attentionNorm: NormWeights?
    /// [H·D, M]
    package let query: LinearLayer
    /// [K·D, M]
    package let key: LinearLayer
    /// [K·D, M]
    package let value: LinearLayer
    /// [D], [H, D] or [H·D], depending on ``QueryKeyNorm``.
    package let queryNorm: NormWeights?
    /// [D], [K, D] or [K·D]
    package let keyNorm: NormWeights?
    /// The score of each query head's sink, [H].
    let sinks: [Float]?
    /// [M, H·D]; its input is z.
    package let output: LinearLayer
    package let attentionPostNorm: NormWeights?
    package let mlpNorm: NormWeights?
    package let mlp: MLPWeights
    package let mlpPostNorm: NormWeights?

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
package struct NormWeights: Sendable {
    package let weight: [Float]
    let bias: [Float]?

    package init(weight: [Float], bias: [Float]?) {
        self.weight = weight
        self.bias = bias
    }
}

/// The weights of a block's MLP.
package enum MLPWeights: Sendable {
    /// gate [F, M], up [F, M], down [M, F]; a plain MLP has no gate.
    case dense(DenseMLPWeights)
    case experts(ExpertWeights)
}

package final class DenseMLPWeights: Sendable {
    package let gate: LinearLayer?
    package let up: LinearLayer
    package let down: LinearLayer

    init(gate: LinearLayer?, up: LinearLayer, down: LinearLayer) {
        self.gate = gate
        self.up = up
        self.down = down
    }
}

/// The weights of a mixture of E experts.
package final class ExpertWeights: Sendable {
    /// [E, M]
    package let router: LinearLayer
    /// E layers of [F, M]
    package let gate: [LinearLayer]
    /// E layers of [F, M]
    package let up: [LinearLayer]
    /// E layers of [M, F]
    package let down: [LinearLayer]

    init(router: LinearLayer, gate: [LinearLayer], up: [LinearLayer], down: [LinearLayer]) {
        self.router = router
        self.gate = gate
        self.up = up
        self.down = down
    }
}
