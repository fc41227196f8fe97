import DataFiles

/// How well scores rank rows of the class `true` above rows of the class `false`: the probability that a random row of
/// the former scores higher than one of the latter, with ties counting one half (Mann & Whitney, 1947).
public struct AreaUnderROC: Sendable, Equatable {
    /// The area, from 0 to 1; 0.5 for scores without information.
    public let value: Double
    /// For each row, the share of the other class's rows that it is ranked rightly against, with ties counting one half
    /// (DeLong's structural components).
    package let placements: [Double]
    private let labels: [Bool]

    /// Computes the area in O(n log n).
    /// - Returns: nil if a class is missing.
    public init?(scores: [Double], labels: [Bool]) { self.init(repeats: [scores], labels: labels) }

    /// The mean area over several scorings of the same rows, as repeated cross-validation gives them.
    ///
    /// Placements are averaged too, so that the interval belongs to the mean.
    /// - Parameter repeats: the scores of each repeat, at least one.
    /// - Returns: nil if a class is missing.
    /// - Precondition: each score has one label.
    public init?(repeats: [[Double]], labels: [Bool]) {
        precondition(
            !repeats.isEmpty && repeats.allSatisfy { $0.count == labels.count }, "Each score needs one label.")
        let trues = labels.count { $0 }
        guard trues > 0, trues < labels.count else { return nil }
        var placements = [Double](repeating: 0, count: labels.count)
        let weight = 1 / Double(repeats.count)
        for scores in repeats {
            for (row, placement) in Self.placements(scores, labels).enumerated() {
                placements[row] += placement * weight
            }
        }
        self.placements = placements
        self.labels = labels
        value = zip(placements, labels).reduce(0) { $1.1 ? $0 + $1.0 : $0 } / Double(trues)
    }

    private static func placements(_ scores: [Double], _ labels: [Bool]) -> [Double] {
        let trues = labels.count { $0 }
        let falses = labels.count - trues
        let order = scores.indices.sorted { scores[$0] < scores[$1] }
        var placements = [Double](repeating: 0, count: scores.count)
        var (truesBelow, falsesBelow) = (0, 0)
        var start = 0
        while start < order.count {
            var end = start
            while end < order.count, scores[order[end]] == scores[order[start]] { end += 1 }
            let tiedTrues = order[start..<end].count { labels[$0] }
            let tiedFalses = end - start - tiedTrues
            for row in order[start..<end] {
                placements[row] =
                    labels[row]
                    ? (Double(falsesBelow) + Double(tiedFalses) / 2) / Double(falses)
                    : (Double(trues - truesBelow - tiedTrues) + Double(tiedTrues) / 2) / Double(trues)
            }
            truesBelow += tiedTrues
            falsesBelow += tiedFalses
            start = end
        }
        return placements
    }

    /// A confidence interval from DeLong's variance (DeLong, DeLong & Clarke-Pearson, 1988), on the logit scale so that
    /// it stays between 0 and 1.
    ///
    /// Rows of one group aren't independent; with `groups` the variance is Obuchowski's for clustered data (Biometrics
    /// 53:567, 1997), which equals DeLong's if each row is its own group. It has a closed form, so it is preferred to a
    /// bootstrap: the same data give the same interval, for all heads at once.
    ///
    /// Near 0 and 1 the variance is estimated from a handful of misplaced rows, or vanishes. There the interval also
    /// holds Newcombe's (Statistics in Medicine 25:559, 2006, method 5), which takes the variance that an area at its
    /// bound would have, with the numbers of groups that hold each class.
    ///
    /// The interval takes the scores as given: it doesn't count the variability of what computed them.
    ///
    /// - Precondition: the groups are those of the same rows.
    public func interval(level: Double = 0.95, groups: Groups? = nil) -> ConfidenceInterval {
        let groups = groups ?? Groups(rows: labels.count)
        precondition(groups.rows == labels.count, "The interval needs the groups of the same rows.")
        let error = variance(groups).squareRoot()
        let slope = value * (1 - value)
        let quantile = normalQuantile(0.5 + level / 2)
        let isKnown = slope > 1e-12 && error > 1e-9
        let centre = isKnown ? logit(value) : 0
        let reach = isKnown ? quantile * error / slope : 0
        let own =
            isKnown
            ? ConfidenceInterval(low: logistic(centre - reach), high: logistic(centre + reach), level: level)
            : ConfidenceInterval(low: value, high: value, level: level)
        guard !isKnown || abs(value - 0.5) > 0.45 else { return own }
        let holding = [true, false].map { label in
            Double(groups.rowsOfGroup.count { $0.contains { labels[$0] == label } })
        }
        let low = Self.newcombeBound(below: value, holding, quantile)
        let high = 1 - Self.newcombeBound(below: 1 - value, holding, quantile)
        return ConfidenceInterval(low: min(own.low, low), high: max(own.high, high), level: level)
    }

    /// The area whose own variance puts `value` at the end of its interval, found by bisection to working precision.
    private static func newcombeBound(below value: Double, _ counts: [Double], _ quantile: Double) -> Double {
        let half = (counts[0] + counts[1]) / 2 - 1
        var (low, high) = (0.0, value)
        while true {
            let area = (low + high) / 2
            guard area > low, area < high else { return low }
            let factor = 1 + half * (1 - area) / (2 - area) + half * area / (1 + area)
            let variance = area * (1 - area) * factor / (counts[0] * counts[1])
            if value - area > quantile * variance.squareRoot() { low = area } else { high = area }
        }
    }

    /// Obuchowski's variance of the area; 0 if a class occurs in only one group.
    package func variance(_ groups: Groups) -> Double {
        let trues = Double(labels.count { $0 })
        let falses = Double(labels.count) - trues
        var (squaresTrue, squaresFalse, products) = (0.0, 0.0, 0.0)
        var (groupsTrue, groupsFalse) = (0.0, 0.0)
        for rows in groups.rowsOfGroup {
            var (sums, counts) = ((true: 0.0, false: 0.0), (true: 0.0, false: 0.0))
            for row in rows {
                if labels[row] {
                    sums.true += placements[row]
                    counts.true += 1
                } else {
                    sums.false += placements[row]
                    counts.false += 1
                }
            }
            let excessTrue = sums.true - counts.true * value
            let excessFalse = sums.false - counts.false * value
            squaresTrue += excessTrue * excessTrue
            squaresFalse += excessFalse * excessFalse
            products += excessTrue * excessFalse
            if counts.true > 0 { groupsTrue += 1 }
            if counts.false > 0 { groupsFalse += 1 }
        }
        guard groupsTrue > 1, groupsFalse > 1 else { return 0 }
        let all = Double(groups.rowsOfGroup.count)
        let ofTrue = groupsTrue / ((groupsTrue - 1) * trues) * squaresTrue
        let ofFalse = groupsFalse / ((groupsFalse - 1) * falses) * squaresFalse
        let covariance = all / (all - 1) * products
        return max(ofTrue / trues + ofFalse / falses + 2 * covariance / (trues * falses), 0)
    }
}
