import Foundation

/// An interval that holds the true value in `level` of all data sets.
public struct ConfidenceInterval: Sendable, Codable, Equatable {
    public var low: Double
    public var high: Double
    public var level: Double

    public init(low: Double, high: Double, level: Double) {
        self.low = low
        self.high = high
        self.level = level
    }

    /// For a proportion (Wilson, 1927): right even near 0 and 1 and for few trials, when these are independent.
    public static func wilson(successes: Double, of trials: Double, level: Double = 0.95) -> ConfidenceInterval {
        precondition(trials > 0 && successes >= 0 && successes <= trials, "Successes lie between 0 and the trials.")
        let z = normalQuantile(0.5 + level / 2)
        let share = successes / trials
        let denominator = 1 + z * z / trials
        let centre = (share + z * z / (2 * trials)) / denominator
        let reach = z / denominator * (share * (1 - share) / trials + z * z / (4 * trials * trials)).squareRoot()
        // The bounds are exactly 0 and 1 for no and for only successes, but for rounding.
        return ConfidenceInterval(
            low: successes == 0 ? 0 : max(centre - reach, 0),
            high: successes == trials ? 1 : min(centre + reach, 1), level: level)
    }
}

func logit(_ probability: Double) -> Double { log(probability / (1 - probability)) }

func logistic(_ value: Double) -> Double { 1 / (1 + exp(-value)) }

/// The number that a standard normal variable stays below with this probability: bisection on the error function, to
/// working precision.
func normalQuantile(_ probability: Double) -> Double {
    precondition(probability > 0 && probability < 1, "A quantile needs a probability between 0 and 1.")
    if probability > 0.5 { return -normalQuantile(1 - probability) }
    var (low, high) = (-40.0, 0.0)
    while true {
        let middle = (low + high) / 2
        guard middle > low, middle < high else { return middle }
        if erfc(-middle / 2.0.squareRoot()) / 2 < probability { low = middle } else { high = middle }
    }
}
