import Checkpoints
import DataFiles
import TensorCore

/// Reads a model's weights as its family's ``TensorLayout`` describes, and separates projections that are fused in the
/// file.
struct WeightReader {
    let configuration: ModelConfiguration
    let layout: TensorLayout
    let source: WeightSource

    private var c: ModelConfiguration { configuration }

    /// Finds all weights; only norms, biases and weights that have to be reordered are read.
    ///
    /// - Throws: `InputError` if a tensor is missing, has another shape than the configuration says, or is not used.
    func read() throws -> ModelWeights {
        let names = layout.names
        let embedding = try source.matrix("\(names.embedding).weight", rows: c.vocabulary, columns: c.width)
        let positions =
            c.embedding.hasPositions
            ? try source.matrix("\(names.positions).weight", rows: c.context, columns: c.width) : nil
        let layers = try (0..<c.layers).map { try block($0) }
        let weights = ModelWeights(
            embedding: embedding, positions: positions, layers: layers, finalNorm: try norm(names.finalNorm),
            unembedding: try unembedding(embedding), interleavedRotation: layout.hasInterleavedRotation)
        try source.refuseUnused()
        return weights
    }

    private func unembedding(_ embedding: WeightMatrix) throws -> LinearLayer {
        let name = layout.names.unembedding
        guard c.tiedEmbeddings else {
            return try linear(name, .unembedding, outputs: c.vocabulary, inputs: c.width, isTransposed: false)
        }
        // Some files store the embedding twice. If the second one is another matrix, the file's settings contradict its
        // content.
        if try source.has("\(name).weight") {
            let second = try source.matrix("\(name).weight", rows: c.vocabulary, columns: c.width)
            guard second.hasSameBytes(as: embedding) else {
                throw InputError.badData(
                    "an output matrix that is not the embedding, beside tie_word_embeddings that says it is",
                    in: "\(source.path): \(name).weight",
                    remedy: "set tie_word_embeddings to false, or remove the tensor")
            }
        }
        return LinearLayer(weights: embedding)
    }

    private func block(_ layer: Int) throws -> BlockWeights {
        let names = layout.names
        let description = c.blocks[layer]
        let places = description.norms
        let (query, key, value) = try queryKeyValue(layer)
        let (queryNorm, keyNorm) = try queryKeyNorms(layer, description.attention.queryKeyNorm)
        return BlockWeights(
            attentionNorm: places.contains(.beforeAttention) ? try norm(at(layer, names.attentionNorm)) : nil,
            query: query, key: key, value: value, queryNorm: queryNorm, keyNorm: keyNorm,
            sinks: description.attention.hasSinks ? try source.vector(at(layer, names.sinks), count: c.heads) : nil,
            output: try linear(at(layer, names.output), .output, outputs: c.width, inputs: c.heads * c.headSize),
            attentionPostNorm: places.contains(.afterAttention) ? try norm(at(layer, names.attentionPostNorm)) : nil,
            mlpNorm: places.contains(.beforeMLP) ? try norm(at(layer, names.mlpNorm)) : nil,
            mlp: try mlp(layer, description.mlp),
            mlpPostNorm: places.contains(.afterMLP) ? try norm(at(layer, names.mlpPostNorm)) : nil)
    }

    private func queryKeyNorms(_ layer: Int, _ kind: QueryKeyNorm) throws -> (NormWeights?, NormWeights?) {
        let query = at(layer, layout.names.queryNorm)
        let key = at(layer, layout.names.keyNorm)
        switch kind {
        case .none: return (nil, nil)
        case .head: return (try norm(query, count: c.headSize), try norm(key, count: c.headSize))
        case .eachHead: return (try norms(query, heads: c.heads), try norms(key, heads: c.kvHeads))
        case .allHeads:
            return (try norm(query, count: c.heads * c.headSize), try norm(key, count: c.kvHeads * c.headSize))
        }
    }

    /// The norms of all heads: one tensor, [heads, D], or a tensor for each head if the name has `@`.
    private func norms(_ name: String, heads: Int) throws -> NormWeights {
        guard name.contains("@") else {
            let all = try source.matrix("\(name).weight", rows: heads, columns: c.headSize)
            return NormWeights(weight: all.unpacked().elements, bias: nil)
        }
        let weights = try (0..<heads).flatMap { head in
            try norm(name.replacing("@", with: "\(head)"), count: c.headSize).weight
        }
        return NormWeights(weight: weights, bias: nil)
    }

    // MARK: - Parts of other readers

    /// The name with the layer's number in place of `#`.
    func at(_ layer: Int, _ pattern: String) -> String { pattern.replacing("#", with: "\(layer)") }

    /// A layer's weights with its bias, `NAME.weight` and `NAME.bias`.
    func linear(
        _ name: String, _ role: LinearRole, outputs: Int, inputs: Int, isTransposed: Bool? = nil
    ) throws -> LinearLayer {
        let weights =
            try isTransposed ?? layout.isTransposed
            ? source.matrix("\(name).weight", rows: inputs, columns: outputs).transposed()
            : source.matrix("\(name).weight", rows: outputs, columns: inputs)
        return LinearLayer(
            weights: weights,
            bias: try hasBias(name, [role]) ? try source.vector("\(name).bias", count: outputs) : nil)
    }

    /// Whether a layer with this name has a bias, according to the configuration or else to the checkpoint.
    func hasBias(_ name: String, _ roles: Set<LinearRole>) throws -> Bool {
        try layout.biases.map { !$0.isDisjoint(with: roles) } ?? source.has("\(name).bias")
    }

    /// A norm of the residual stream, or of values that are added to it; layer norms have biases.
    private func norm(_ name: String) throws -> NormWeights {
        let bias = c.norm.kind == .layer ? try source.vector("\(name).bias", count: c.width) : nil
        return NormWeights(weight: try norm(name, count: c.width).weight, bias: bias)
    }

    /// A norm of queries or keys, which has no bias.
    private func norm(_ name: String, count: Int) throws -> NormWeights {
        var weight = try source.vector("\(name).weight", count: count)
        if layout.normOffset != 0 { weight = weight.map { $0 + layout.normOffset } }
        return NormWeights(weight: weight, bias: nil)
    }
}
