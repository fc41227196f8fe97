import DataFiles

/// Thresholds that keep the expected rate of false alarms at a chosen α, whatever the distribution of the scores, by
/// conformal risk control (Angelopoulos et al. 2022, arXiv 2208.02814).
///
/// Let there be n calibration groups, with which a further group is exchangeable, and let the risk R(λ) of a threshold
/// λ be the mean over groups of the share of scores above it. The threshold is the smallest λ with
///
///     (n · R(λ) + 1) / (n + 1) ≤ α
///
/// If each group has a single score, this is split conformal prediction (Papadopoulos et al. 2002): the ⌈(n + 1)(1 −
/// α)⌉-th smallest score. Tokens of a text depend on each other, and so do texts of a group. So a group counts as one
/// observation, and its share is the mean over its texts of the share of tokens in each text.
enum ConformalThreshold {
    /// The fewest groups with which a rate can be promised: 1/α − 1, rounded up.
    static func groupsNeeded(rate: Double) -> Int {
        // More groups than any file has, for a rate that is close to zero.
        Int(min(max((1 / rate - 1 - 1e-9).rounded(.up), 1), 1e12))
    }

    /// The lowest rate that a number of groups can promise.
    static func lowestRate(groups: Int) -> Double { 1 / Double(groups + 1) }

    /// The threshold above which scores raise an alarm; O(scores · log scores).
    ///
    /// - Parameters:
    ///   - scores: [group][text][score], none of them empty.
    ///   - rate: α, above 0 and below 1.
    /// - Returns: nil if there are fewer than ``groupsNeeded(rate:)`` groups.
    static func find(_ scores: [[[Double]]], rate: Double) -> Double? {
        precondition(rate > 0 && rate < 1, "A rate of false alarms is between 0 and 1, not \(rate).")
        guard scores.count >= groupsNeeded(rate: rate) else { return nil }
        var weighted: [(score: Double, weight: Double)] = []
        for group in scores {
            for text in group {
                let weight = 1 / Double(group.count * text.count)
                weighted.append(contentsOf: text.map { ($0, weight) })
            }
        }
        weighted.sort { $0.score > $1.score }
        // The sum of the weights above the threshold may be at most this; a little more for rounding.
        let budget = rate * Double(scores.count + 1) - 1 + 1e-9
        var above = 0.0
        var index = 0
        while index < weighted.count {
            var next = index
            var tied = 0.0
            while next < weighted.count, weighted[next].score == weighted[index].score {
                tied += weighted[next].weight
                next += 1
            }
            // A threshold below these scores would let all of them alarm.
            if above + tied > budget { return weighted[index].score }
            above += tied
            index = next
        }
        return weighted.last?.score
    }
}
