import DataFiles

/// Where a layer's output projection lies in the checkpoint, and whether it can have a bias there.
public struct StoredOutputProjection: Sendable {
    /// The names of the tensors; the second one need not be there.
    public let weight: String
    /// The bias's name, of a tensor that need not be there.
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
    /// A tensor more in a GGUF file, which llama.cpp reads.
    case tensor
    /// The same, but llama.cpp refuses the file.
    case tensorOfOurs
    /// A field of `config.json` switches the biases of queries, keys, values and outputs on.
    case switchedOn(by: String)
    /// transformers' implementation of the family has none.
    case never
}

extension LanguageModel {
    /// Where a layer's output projection lies.
    ///
    /// - Precondition: a layer of the model.
    public func storedOutputProjection(layer: Int) -> StoredOutputProjection {
        precondition(
            layer >= 0 && layer < configuration.layers,
            "The model has \(configuration.layers) layers; there is no layer \(layer).")
        let name = layout.names.output.replacing("#", with: "\(layer)")
        return StoredOutputProjection(
            weight: "\(name).weight", bias: "\(name).bias", isTransposed: layout.isTransposed,
            hasBias: weights.layers[layer].output.bias != nil, support: layout.outputBias)
    }

    /// A layer's bias of the output projection, [M]; nil where it has none.
    ///
    /// - Precondition: a layer of the model.
    public func outputBias(layer: Int) -> [Float]? {
        precondition(
            layer >= 0 && layer < configuration.layers,
            "The model has \(configuration.layers) layers; there is no layer \(layer).")
        return weights.layers[layer].output.bias
    }
}
