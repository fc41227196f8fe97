import Checkpoints
import DataFiles
import TensorCore

/// Finds a model's tensors in a checkpoint by the names that its format uses, and checks their shapes.
struct WeightSource {
    /// The checkpoint's path, for messages.
    let path: String
    /// Whether the layer of that name has a bias, where the configuration says so; nil for the layers that have one
    /// where the checkpoint has it.
    var hasBias: (String) -> Bool? = { _ in nil }
    /// The stored tensor of that name, if there is one.
    let find: (String) throws -> StoredTensor?

    /// A matrix of weights, used where it lies.
    func matrix(_ name: String, rows: Int, columns: Int) throws -> WeightMatrix {
        let tensor = try require(name, shape: [rows, columns])
        return WeightMatrix(
            rows: rows, columns: columns, format: try tensor.format, bytes: tensor.bytes, owner: tensor.file)
    }

    /// A layer's weights with its bias (`NAME.weight`, `NAME.bias`).
    func linear(_ name: String, outputs: Int, inputs: Int) throws -> LinearLayer {
        let isBiased = try hasBias(name) ?? (find("\(name).bias") != nil)
        let bias = isBiased ? try vector("\(name).bias", count: outputs) : nil
        return LinearLayer(weights: try matrix("\(name).weight", rows: outputs, columns: inputs), bias: bias)
    }

    /// A vector, unpacked to float32.
    func vector(_ name: String, count: Int) throws -> [Float] {
        let tensor = try require(name, shape: [count])
        return WeightMatrix(
            rows: 1, columns: count, format: try tensor.format, bytes: tensor.bytes, owner: tensor.file
        ).unpacked().elements
    }

    private func require(_ name: String, shape: [Int]) throws -> StoredTensor {
        guard let tensor = try find(name) else {
            throw InputError.badData("no tensor \(name)", in: path, remedy: "fetch or convert the model again")
        }
        guard tensor.shape == shape else {
            throw InputError.badData(
                "a tensor of the shape \(tensor.shape) where the configuration asks for \(shape)",
                in: "\(path): \(name)", remedy: "fetch or convert the model again")
        }
        return tensor
    }
}

extension ModelWeights {
    /// The names of a checkpoint format, `#` standing for the layer.
    struct Names {
        let embedding: String
        let finalNorm: String
        let unembedding: String
        let attentionNorm, query, key, value, output, mlpNorm, gate, up, down: String

        static let gguf = Names(
            embedding: "token_embd.weight", finalNorm: "output_norm.weight", unembedding: "output",
            attentionNorm: "blk.#.attn_norm.weight", query: "blk.#.attn_q", key: "blk.#.attn_k",
            value: "blk.#.attn_v", output: "blk.#.attn_output", mlpNorm: "blk.#.ffn_norm.weight",
            gate: "blk.#.ffn_gate", up: "blk.#.ffn_up", down: "blk.#.ffn_down")

        static let huggingFace = Names(
            embedding: "model.embed_tokens.weight", finalNorm: "model.norm.weight", unembedding: "lm_head",
            attentionNorm: "model.layers.#.input_layernorm.weight", query: "model.layers.#.self_attn.q_proj",
            key: "model.layers.#.self_attn.k_proj", value: "model.layers.#.self_attn.v_proj",
            output: "model.layers.#.self_attn.o_proj", mlpNorm: "model.layers.#.post_attention_layernorm.weight",
            gate: "model.layers.#.mlp.gate_proj", up: "model.layers.#.mlp.up_proj",
            down: "model.layers.#.mlp.down_proj")
    }

    /// Finds all weights; nothing is read but the norms and biases.
    ///
    /// - Throws: `InputError` where a tensor is missing or has another shape than the configuration says.
    init(_ configuration: ModelConfiguration, source: WeightSource, names: Names, interleavedRotation: Bool) throws {
        let c = configuration
        let queries = c.heads * c.headSize
        let keys = c.kvHeads * c.headSize
        embedding = try source.matrix(names.embedding, rows: c.vocabulary, columns: c.width)
        layers = try (0..<c.layers).map { layer in
            func name(_ pattern: String) -> String { pattern.replacing("#", with: "\(layer)") }
            return Layer(
                attentionNorm: try source.vector(name(names.attentionNorm), count: c.width),
                query: try source.linear(name(names.query), outputs: queries, inputs: c.width),
                key: try source.linear(name(names.key), outputs: keys, inputs: c.width),
                value: try source.linear(name(names.value), outputs: keys, inputs: c.width),
                output: try source.linear(name(names.output), outputs: c.width, inputs: queries),
                mlpNorm: try source.vector(name(names.mlpNorm), count: c.width),
                gate: try source.linear(name(names.gate), outputs: c.feedForward, inputs: c.width),
                up: try source.linear(name(names.up), outputs: c.feedForward, inputs: c.width),
                down: try source.linear(name(names.down), outputs: c.width, inputs: c.feedForward))
        }
        finalNorm = try source.vector(names.finalNorm, count: c.width)
        unembedding =
            c.tiedEmbeddings
            ? LinearLayer(weights: embedding)
            : try source.linear(names.unembedding, outputs: c.vocabulary, inputs: c.width)
        self.interleavedRotation = interleavedRotation
    }
}
