import Checkpoints
import DataFiles

extension GGUFSettings {
    /// The settings that nearly all families store in the same way: sizes, norm, rotary embedding, gated MLPs with
    /// silu.
    ///
    /// - Throws: `InputError` if a size is missing or absurd, or a setting has a value that no family here has.
    func shape(norm kind: NormDescription.Kind = .rms) throws -> ModelConfiguration {
        guard let embedding = file.tensors.first(where: { $0.name == "token_embd.weight" }) else {
            throw InputError.badData(
                "no weights, only a vocabulary (there is no tensor token_embd.weight)", in: file.metadata.path,
                remedy: "give a whole model; a vocabulary can only tokenize")
        }
        let layers = try count("block_count", below: 1 << 16)
        let heads = try count("attention.head_count", below: 1 << 16)
        let width = try count("embedding_length", below: 1 << 24)
        let headSize = try integer("attention.key_length") ?? width / heads
        if let valueSize = try integer("attention.value_length"), valueSize != headSize {
            throw refuse("attention.value_length", "values of the size \(valueSize) beside keys of \(headSize)")
        }
        if try bool("attention.causal") == false {
            throw refuse("attention.causal", "attention to later positions")
        }
        let epsilonKey =
            kind == .rms ? "attention.layer_norm_rms_epsilon" : "attention.layer_norm_epsilon"
        let rotary = try rotary(headSize: headSize)
        let attention = AttentionDescription(rotary: rotary, scale: 1 / Float(max(1, headSize)).squareRoot())
        return ModelConfiguration(
            architecture: architecture, layers: layers, heads: heads,
            kvHeads: try integer("attention.head_count_kv") ?? heads, headSize: headSize, width: width,
            feedForward: try required("feed_forward_length"), vocabulary: embedding.shape[0],
            context: try required("context_length"),
            norm: NormDescription(kind, epsilon: Float(try requiredDouble(epsilonKey))),
            blocks: Array(repeating: BlockDescription(attention: attention, mlp: .gated(.silu)), count: layers),
            tiedEmbeddings: !hasTensor("output.weight"))
    }

    /// A size from which lists are made; it is limited so that no file can ask for an endless list.
    private func count(_ key: String, below bound: Int) throws -> Int {
        let value = try required(key)
        guard value >= 1, value <= bound else {
            throw InputError.badData(
                "\(value) as the \(Self.names[key] ?? key)", in: place(key), remedy: "fetch or convert the model again")
        }
        return value
    }

    private static let names = [
        "block_count": "number of layers", "attention.head_count": "number of heads", "embedding_length": "width",
    ]

    /// The window of each layer; the pattern is stored layer by layer, or as n for all but every n-th layer.
    ///
    /// - Parameter standard: n if the file doesn't give it.
    /// - Returns: the window of each layer, nil for layers that see everything; all nil if the file has no window.
    func windows(layers: Int, everyNthIsFull standard: Int) throws -> [Int?] {
        let key = "attention.sliding_window_pattern"
        guard let window = try integer("attention.sliding_window"), window > 0 else {
            _ = file.metadata[key].map { _ in try? bools(key, count: layers) }
            return Array(repeating: nil, count: layers)
        }
        if file.metadata["\(architecture).\(key)"]?.array != nil, let pattern = try bools(key, count: layers) {
            return pattern.map { $0 ? window : nil }
        }
        let n = try integer(key) ?? standard
        return (0..<layers).map { n > 0 && ($0 + 1) % n == 0 ? nil : window }
    }

    /// The experts of every block.
    ///
    /// - Parameter weighting: the family's weighting, if the file doesn't give it.
    func experts(_ weighting: ExpertsDescription.Weighting) throws -> ExpertsDescription {
        var weighting = weighting
        if let normalizes = try bool("expert_weights_norm") { weighting = normalizes ? .overChosen : .overAll }
        // llama.cpp's numbers: 0 for none given, 1 for softmax over all experts, 3 over the chosen ones.
        switch try integer("expert_gating_func") {
        case nil, 0, 1: break
        case 3: weighting = .overChosen
        case let function?: throw refuse("expert_gating_func", "a router that is not softmax (\(function))")
        }
        if let scale = try double("expert_weights_scale"), scale != 0, scale != 1 {
            throw refuse("expert_weights_scale", "weights of experts multiplied by \(scale)")
        }
        return ExpertsDescription(
            count: try required("expert_count"), perToken: try required("expert_used_count"), weighting: weighting)
    }
}
