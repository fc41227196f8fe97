import DataFiles

/// A matrix of weights and, in some models, a bias: y = W·x + b.
public struct LinearLayer: Sendable {
    /// [outputs, inputs], as they are stored.
    public let weights: WeightMatrix
    /// The same weights in the kernels' order, if they have been packed.
    let packed: PackedWeights?
    /// The bias as a matrix of one row, at an address that doesn't move.
    private let storedBias: WeightMatrix?

    /// - Parameter bias: [outputs].
    /// - Precondition: the bias has as many values as there are outputs.
    public init(weights: WeightMatrix, bias: [Float]? = nil) {
        precondition(
            bias.map { $0.count == weights.rows } ?? true,
            "A layer of \(weights.rows) outputs needs a bias of as many values.")
        self.weights = weights
        packed = nil
        storedBias = bias.map { WeightMatrix(rows: 1, columns: $0.count, elements: $0) }
    }

    /// The same layer with its weights packed.
    init(_ layer: LinearLayer, packed: PackedWeights) {
        self.init(weights: layer.weights, packed: packed, storedBias: layer.storedBias)
    }

    private init(weights: WeightMatrix, packed: PackedWeights?, storedBias: WeightMatrix?) {
        self.weights = weights
        self.packed = packed
        self.storedBias = storedBias
    }

    /// The same weights, still packed if they were, without a bias.
    package var withoutBias: LinearLayer { LinearLayer(weights: weights, packed: packed, storedBias: nil) }

    /// The bias, [outputs]; nil if there is none.
    public var bias: [Float]? { storedBias?.unpacked().elements }

    /// The address of the bias's values; the layer must stay alive.
    var biasAddress: UnsafePointer<Float>? { storedBias?.row(0).assumingMemoryBound(to: Float.self) }
}
