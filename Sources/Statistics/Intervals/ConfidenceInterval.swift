import DataFiles
import Foundation

/// An interval that holds the true value in a share `level` of all data sets.
public struct ConfidenceInterval: Sendable, Codable, Equatable {
    /// The lower end.
    public var low: Double
    /// The upper end.
    public var high: Double
    /// The share of data sets whose interval holds the true value: 0.95 for a 95% interval.
    public var level: Double

    /// An interval that was computed elsewhere.
    public init(low: Double, high: Double, level: Double) {
        self.low = low
        self.high = high
        self.level = level
    }

    /// The interval of a proportion (Wilson, 1927), right even near 0 and 1 and for few trials if these are
    /// independent.
    ///
    /// - Precondition: successes lie between 0 and the trials.
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

    /// The interval of a mean of shares (1 for a right decision, 0 for a wrong one) over rows that depend on each other
    /// within groups.
    ///
    /// It is Wilson's interval for as many independent trials as carry the same information: the number of rows divided
    /// by the design effect, which is the variance with groups over the variance without (Kish, 1965; Korn & Graubard,
    /// 1998). If all decisions are right, or all are wrong, the number of groups is taken; a bootstrap over groups
    /// would then give an interval of no width. Groups whose rows vary more than chance don't make the interval
    /// narrower: the design effect is at least 1.
    ///
    /// - Precondition: each row has one share.
    public static func wilson(of shares: [Double], groups: Groups, level: Double = 0.95) -> ConfidenceInterval {
        precondition(shares.count == groups.rows && !shares.isEmpty, "Each row needs one share.")
        let count = Double(shares.count)
        let number = Double(groups.count)
        let mean = min(max(shares.reduce(0, +) / count, 0), 1)
        var trials = number
        if mean > 0, mean < 1, number > 1 {
            let squares = groups.rowsOfGroup.reduce(0.0) { sum, members in
                let excess = members.reduce(0) { $0 + shares[$1] - mean }
                return sum + excess * excess
            }
            let clustered = squares * number / (number - 1) / (count * count)
            trials = count / max(clustered / (mean * (1 - mean) / count), 1)
        }
        return wilson(successes: mean * trials, of: trials, level: level)
    }
}

package func logit(_ probability: Double) -> Double { log(probability / (1 - probability)) }

package func logistic(_ value: Double) -> Double { 1 / (1 + exp(-value)) }

/// The number that a standard normal variable stays below with this probability, by bisection on the error function to
/// working precision.
package func normalQuantile(_ probability: Double) -> Double {
    precondition(probability > 0 && probability < 1, "A quantile needs a probability between 0 and 1.")
    if probability > 0.5 { return -normalQuantile(1 - probability) }
    var (low, high) = (-40.0, 0.0)
    while true {
        let middle = (low + high) / 2
        guard middle > low, middle < high else { return middle }
        if erfc(-middle / 2.0.squareRoot()) / 2 < probability { low = middle } else { high = middle }
    }
}
