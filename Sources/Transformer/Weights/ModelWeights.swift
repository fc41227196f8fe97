import TensorCore

/// A model's immutable weights.
struct ModelWeights: Sendable {
    /// One block's weights; a class, so that a pass that takes a layer counts one reference, not twenty.
    final class Layer: Sendable {
        /// [M]
        let attentionNorm: [Float]
        /// [H·D, M]
        let query: LinearLayer
        /// [K·D, M]
        let key: LinearLayer
        /// [K·D, M]
        let value: LinearLayer
        /// [M, H·D]; its input is z.
        let output: LinearLayer
        /// [M]
        let mlpNorm: [Float]
        /// [F, M]
        let gate: LinearLayer
        /// [F, M]
        let up: LinearLayer
        /// [M, F]
        let down: LinearLayer

        init(
            attentionNorm: [Float], query: LinearLayer, key: LinearLayer, value: LinearLayer, output: LinearLayer,
            mlpNorm: [Float], gate: LinearLayer, up: LinearLayer, down: LinearLayer
        ) {
            self.attentionNorm = attentionNorm
            self.query = query
            self.key = key
            self.value = value
            self.output = output
            self.mlpNorm = mlpNorm
            self.gate = gate
            self.up = up
            self.down = down
        }
    }

    /// [V, M]
    let embedding: WeightMatrix
    let layers: [Layer]
    /// [M]
    let finalNorm: [Float]
    /// [V, M]
    let unembedding: LinearLayer
    /// Whether the rows of query and key weights are stored in the order of interleaved rotation: pairs (2i, 2i + 1)
    /// where Hugging Face has (i, i + D/2). GGUF files store Llama's so.
    let interleavedRotation: Bool
}
