import DataFiles

/// Adam (Kingma & Ba 2015, arXiv 1412.6980), computed as in `torch.optim.Adam`, in double precision.
///
/// The decays are 0.9 and 0.999, ε is 10⁻⁸, and there is no weight decay. These are torch's defaults, which every
/// method here uses.
struct Adam: Sendable, Codable, Equatable {
    private static let meanDecay = 0.9
    private static let squareDecay = 0.999
    private static let epsilon = 1e-8

    /// The decaying mean of the gradient, [parameters].
    private(set) var mean: StoredNumbers
    /// The decaying mean of the squared gradient, [parameters].
    private(set) var square: StoredNumbers
    /// The number of steps taken.
    private(set) var steps = 0
    /// β₁ and β₂ to the power of ``steps``, as repeated products.
    private var meanPower = 1.0
    private var squarePower = 1.0

    init(count: Int) {
        mean = StoredNumbers([Double](repeating: 0, count: count))
        square = mean
    }

    /// θ ← θ − rate · m̂ / (√v̂ + ε).
    ///
    /// - Precondition: there are as many gradients and parameters as at the beginning.
    mutating func step(_ parameters: inout [Double], gradient: [Double], rate: Double) {
        precondition(
            parameters.count == mean.values.count && gradient.count == parameters.count,
            "Adam needs one gradient for each of its parameters.")
        steps += 1
        meanPower *= Self.meanDecay
        squarePower *= Self.squareDecay
        let stepSize = rate / (1 - meanPower)
        let correction = (1 - squarePower).squareRoot()
        for i in parameters.indices {
            mean.values[i] += (1 - Self.meanDecay) * (gradient[i] - mean.values[i])
            square.values[i] = Self.squareDecay * square.values[i] + (1 - Self.squareDecay) * gradient[i] * gradient[i]
            parameters[i] -= stepSize * mean.values[i] / (square.values[i].squareRoot() / correction + Self.epsilon)
        }
    }
}

/// Scales a gradient down to a norm of at most `norm`, as `torch.nn.utils.clip_grad_norm_` does.
func clip(_ gradient: inout [Double], norm: Double) {
    let length = gradient.reduce(0) { $0 + $1 * $1 }.squareRoot()
    let factor = norm / (length + 1e-6)
    guard factor < 1 else { return }
    for i in gradient.indices { gradient[i] *= factor }
}
