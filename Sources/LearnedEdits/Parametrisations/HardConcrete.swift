import Foundation

/// A gate in [0, 1] that can be exactly 0 or 1 and still has a gradient.
///
/// It follows the hard concrete distribution (Louizos, Welling & Kingma 2018, arXiv 1712.01312), with the constants of
/// JoLA's code (arXiv 2502.01179).
///
/// With noise u, uniform in (0, 1): c = σ((ln u − ln(1 − u) + log α) / T), stretched to (low, high) and clipped.
struct HardConcrete: Sendable {
    /// T
    var temperature = 0.33
    /// The lower end of the stretched interval, below 0.
    var low = -0.1
    /// The upper end of the stretched interval, above 1.
    var high = 1.1
    /// Keeps noises and probabilities away from 0 and 1.
    var epsilon = 1e-6

    /// The gate and its derivative by log α.
    ///
    /// - Parameter noise: uniform in [0, 1); nil for the gate that is used after learning, where JoLA uses σ(log α)
    ///   without the temperature.
    func gate(_ logAlpha: Double, noise: Double?) -> (value: Double, derivative: Double) {
        let slope = noise == nil ? 1 : 1 / temperature
        var argument = logAlpha
        if let noise {
            let u = (1 - 2 * epsilon) * noise + epsilon
            argument = (log(u) - log(1 - u) + logAlpha) / temperature
        }
        let concrete = sigmoid(argument)
        let stretched = concrete * (high - low) + low
        let isInside = stretched >= 0 && stretched <= 1
        return (
            min(max(stretched, 0), 1), isInside ? (high - low) * concrete * (1 - concrete) * slope : 0
        )
    }

    /// The probability that the gate isn't 0, σ(log α − T ln(−low / high)), and its derivative by log α.
    func openProbability(_ logAlpha: Double) -> (value: Double, derivative: Double) {
        let p = sigmoid(logAlpha - temperature * log(-low / high))
        let isInside = p >= epsilon && p <= 1 - epsilon
        return (min(max(p, epsilon), 1 - epsilon), isInside ? p * (1 - p) : 0)
    }
}

/// 1 / (1 + e⁻ˣ), without overflow.
func sigmoid(_ x: Double) -> Double {
    if x >= 0 { return 1 / (1 + exp(-x)) }
    let power = exp(x)
    return power / (1 + power)
}

/// ln(1 + eˣ), without overflow.
func softplus(_ x: Double) -> Double { max(x, 0) + log1p(exp(-abs(x))) }
