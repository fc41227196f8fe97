/// A matrix of weights and, in some models, a bias: y = W·x + b.
public struct LinearLayer: Sendable {
    /// [outputs, inputs]
    public let weights: WeightMatrix
    /// [outputs]
    public let bias: [Float]?

    public init(weights: WeightMatrix, bias: [Float]? = nil) {
        precondition(
            bias.map { $0.count == weights.rows } ?? true,
            "A layer of \(weights.rows) outputs needs a bias of as many values.")
        self.weights = weights
        self.bias = bias
    }
}
