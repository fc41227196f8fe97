import DataFiles

/// How a layer's output projection is stored in the checkpoint, and whether it can have a bias there.
public struct StoredOutputProjection: Sendable {
    /// The name of the weight's tensor.
    public let weight: String
    /// The name of the bias's tensor, which may not exist.
    public let bias: String
    /// Whether the matrix is stored as [H · D, M].
    public let isTransposed: Bool
    /// Whether the layer has a bias.
    public let hasBias: Bool
    /// Whether the bias can be added to a file.
    public let support: OutputBias
}

/// How a kind of checkpoint can have a bias of the output projection.
public enum OutputBias: Sendable, Equatable {
    /// The family always has one.
    case always
    /// An extra tensor in a GGUF file, which llama.cpp reads.
    case tensor
    /// An extra tensor in a GGUF file, but llama.cpp refuses the file.
    case tensorOfOurs
    /// A field of `config.json` that switches on the biases of queries, keys, values and outputs.
    case switchedOn(by: String)
    /// transformers' implementation of the family has none.
    case never
}

extension LanguageModel {
    /// How and where a layer's output projection is stored.
    ///
    /// - Precondition: the model has the layer.
    public func storedOutputProjection(layer: Int) -> StoredOutputProjection {
        precondition(
            layer >= 0 && layer < configuration.layers,
            "The model has \(configuration.layers) layers; there is no layer \(layer).")
        let name = layout.names.output.replacing("#", with: "\(layer)")
        return StoredOutputProjection(
            weight: "\(name).weight", bias: "\(name).bias", isTransposed: layout.isTransposed,
            hasBias: weights.layers[layer].output.bias != nil, support: layout.outputBias)
    }

    /// The bias of a layer's output projection, [M]; nil if it has none.
    ///
    /// - Precondition: the model has the layer.
    public func outputBias(layer: Int) -> [Float]? {
        precondition(
            layer >= 0 && layer < configuration.layers,
            "The model has \(configuration.layers) layers; there is no layer \(layer).")
        return weights.layers[layer].output.bias
    }
}
