import DataFiles
import TensorCore

/// One of the matrices of a layer's attention.
public enum AttentionProjection: String, Sendable, CaseIterable {
    /// W_Q, [H·D, M]: D rows for each query head.
    case query
    /// W_K, [K·D, M]: D rows for each key-value head.
    case key
    /// W_V, [K·D, M]
    case value
    /// W_O, [M, H·D]: D columns for each query head.
    case output
}

/// Weights with a name, for comparisons of models.
public struct NamedWeights: Sendable {
    /// The content of a tensor.
    public enum Content: Sendable {
        /// A matrix, in its stored format.
        case matrix(WeightMatrix)
        /// A norm's weights, a bias or sinks, in float32.
        case vector([Float])
    }
    /// The name, such as `layer 3 mlp down`.
    public let name: String
    /// The values.
    public let content: Content
}

extension LanguageModel {
    /// A projection of a layer's attention, as it is stored.
    public func weights(of projection: AttentionProjection, layer: Int) -> WeightMatrix {
        linear(projection, layer: layer).weights
    }

    /// A projection's bias, with one value for each row, in the order of ``row(of:head:in:)``; nil if it has none.
    public func bias(of projection: AttentionProjection, layer: Int) -> [Float]? {
        linear(projection, layer: layer).bias
    }

    /// The row of W_Q, W_K or W_V that gives one of a head's values.
    ///
    /// The values are numbered in Hugging Face's order, even if the checkpoint has another order for rotation.
    ///
    /// - Parameters:
    ///   - value: 0 ..< D.
    ///   - head: a query head for queries, otherwise a key-value head.
    /// - Precondition: a value that a head has, and not the output projection, which has a head's values as columns.
    public func row(of value: Int, head: Int, in projection: AttentionProjection) -> Int {
        let size = configuration.headSize
        precondition(value >= 0 && value < size, "A head has \(size) values; there is no value \(value).")
        precondition(projection != .output, "The output projection has a head's values as columns.")
        guard weights.interleavedRotation, projection != .value else { return head * size + value }
        let half = size / 2
        return head * size + (value < half ? 2 * value : 2 * (value - half) + 1)
    }

    /// A layer's weights except for the four matrices of its attention and their biases: norms, sinks and the MLP's
    /// matrices.
    ///
    /// - Precondition: the model has the layer.
    public func otherWeights(layer: Int) -> [NamedWeights] {
        precondition(
            layer >= 0 && layer < configuration.layers,
            "The model has \(configuration.layers) layers; there is no layer \(layer).")
        let block = weights.layers[layer]
        var found: [NamedWeights] = []
        func add(_ name: String, _ values: [Float]?) {
            if let values { found.append(NamedWeights(name: "layer \(layer) \(name)", content: .vector(values))) }
        }
        func add(_ name: String, _ norm: NormWeights?) {
            add("\(name) weight", norm?.weight)
            add("\(name) bias", norm?.bias)
        }
        func add(_ name: String, _ linear: LinearLayer?) {
            guard let linear else { return }
            found.append(NamedWeights(name: "layer \(layer) \(name)", content: .matrix(linear.weights)))
            add("\(name) bias", linear.bias)
        }
        add("norm before attention", block.attentionNorm)
        add("norm of queries", block.queryNorm)
        add("norm of keys", block.keyNorm)
        add("attention sinks", block.sinks)
        add("norm after attention", block.attentionPostNorm)
        add("norm before mlp", block.mlpNorm)
        switch block.mlp {
        case .dense(let mlp):
            add("mlp gate", mlp.gate)
            add("mlp up", mlp.up)
            add("mlp down", mlp.down)
        case .experts(let experts):
            add("mlp router", experts.router)
            for expert in experts.up.indices {
                add("mlp expert \(expert) gate", experts.gate[expert])
                add("mlp expert \(expert) up", experts.up[expert])
                add("mlp expert \(expert) down", experts.down[expert])
            }
        }
        add("norm after mlp", block.mlpPostNorm)
        return found
    }

    /// The weights that belong to no layer: embeddings, the last norm and, if it is a matrix of its own, the
    /// unembedding.
    public var sharedWeights: [NamedWeights] {
        var found = [NamedWeights(name: "embedding", content: .matrix(weights.embedding))]
        if let positions = weights.positions {
            found.append(NamedWeights(name: "positions", content: .matrix(positions)))
        }
        found.append(NamedWeights(name: "last norm weight", content: .vector(weights.finalNorm.weight)))
        if let bias = weights.finalNorm.bias {
            found.append(NamedWeights(name: "last norm bias", content: .vector(bias)))
        }
        if !configuration.tiedEmbeddings {
            found.append(NamedWeights(name: "unembedding", content: .matrix(weights.unembedding.weights)))
        }
        if let bias = weights.unembedding.bias {
            found.append(NamedWeights(name: "unembedding bias", content: .vector(bias)))
        }
        return found
    }

    private func linear(_ projection: AttentionProjection, layer: Int) -> LinearLayer {
        precondition(
            layer >= 0 && layer < configuration.layers,
            "The model has \(configuration.layers) layers; there is no layer \(layer).")
        let block = weights.layers[layer]
        switch projection {
        case .query: return block.query
        case .key: return block.key
        case .value: return block.value
        case .output: return block.output
        }
    }
}
