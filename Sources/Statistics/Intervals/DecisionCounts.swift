import DataFiles

/// How decisions by score turn out for rows of both classes.
public struct DecisionCounts: Sendable, Equatable {
    /// Rows of the class `true` that are taken for `true`.
    public var truePositives = 0
    /// Rows of the class `false` that are taken for `true`.
    public var falsePositives = 0
    /// Rows of the class `false` that are taken for `false`.
    public var trueNegatives = 0
    /// Rows of the class `true` that are taken for `false`.
    public var falseNegatives = 0

    /// Takes scores above `threshold` for the class `true`.
    ///
    /// - Precondition: each score has one label.
    public init(scores: [Double], labels: [Bool], threshold: Double = 0) {
        precondition(scores.count == labels.count, "Each score needs one label.")
        for (score, label) in zip(scores, labels) {
            switch (score > threshold, label) {
            case (true, true): truePositives += 1
            case (true, false): falsePositives += 1
            case (false, false): trueNegatives += 1
            case (false, true): falseNegatives += 1
            }
        }
    }

    /// The number of rows.
    public var count: Int { truePositives + falsePositives + trueNegatives + falseNegatives }

    /// The share of right decisions; 0 without rows.
    public var accuracy: Double { share(truePositives + trueNegatives, of: count) }

    /// The mean of both classes' shares of right decisions: 0.5 for guessing, whatever the sizes of the classes.
    ///
    /// A class without rows counts as 0.
    public var balancedAccuracy: Double {
        (share(truePositives, of: truePositives + falseNegatives)
            + share(trueNegatives, of: trueNegatives + falsePositives)) / 2
    }

    private func share(_ part: Int, of whole: Int) -> Double { whole == 0 ? 0 : Double(part) / Double(whole) }
}
