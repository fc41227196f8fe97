import Statistics
import Transformer

/// How well a probe of a head does; the head is number 0 for sites that have none, such as the residual stream.
public typealias HeadProbeResult = HeadResult<ProbeMeasures>

/// How well a probe does on rows that it wasn't fitted on.
public struct ProbeMeasures: Sendable, Codable, Equatable {
    /// The area under the ROC curve of the scores of all test folds together, the mean over repeats.
    public var auroc: Double
    /// The share of right decisions at the thresholds of the training folds, the mean over repeats.
    public var accuracy: Double
    /// The mean of both classes' accuracies.
    public var balancedAccuracy: Double
    /// The lower bound of the 95% confidence interval of `auroc` (see `AreaUnderROC.interval`).
    public var ciLow: Double
    /// The upper bound of the 95% confidence interval of `auroc`.
    public var ciHigh: Double
    /// The lower bound of the 95% confidence interval of `accuracy` (see
    /// `ConfidenceInterval.wilson(of:groups:level:)`).
    public var accuracyLow: Double
    /// The upper bound of the 95% confidence interval of `accuracy`.
    public var accuracyHigh: Double
    /// The lower bound of the 95% confidence interval of `balancedAccuracy`, which is the area under the ROC curve of
    /// the decisions and has its interval.
    public var balancedAccuracyLow: Double
    /// The upper bound of the 95% confidence interval of `balancedAccuracy`.
    public var balancedAccuracyHigh: Double
    /// The p value against the best of all heads under permuted labels (max-T), which bounds the chance of any false
    /// call; nil if nothing was tested.
    public var p: Double?
    /// The p value against this head under permuted labels, not corrected for the number of heads; nil if nothing was
    /// tested.
    public var unadjustedP: Double?
    /// The Benjamini-Hochberg q value of `unadjustedP` over all heads; nil if nothing was tested.
    public var q: Double?
    /// The accuracy minus the mean accuracy on control tasks; nil if none was run.
    public var selectivity: Double?

    /// Writes all fields, with null for what wasn't computed, so that scripts find each one in every object.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        let numbers: [(CodingKeys, Double)] = [
            (.auroc, auroc), (.accuracy, accuracy), (.balancedAccuracy, balancedAccuracy), (.ciLow, ciLow),
            (.ciHigh, ciHigh), (.accuracyLow, accuracyLow), (.accuracyHigh, accuracyHigh),
            (.balancedAccuracyLow, balancedAccuracyLow), (.balancedAccuracyHigh, balancedAccuracyHigh),
        ]
        for (key, number) in numbers { try container.encode(number, forKey: key) }
        for (key, number) in [
            (CodingKeys.p, p), (.unadjustedP, unadjustedP), (.q, q), (.selectivity, selectivity),
        ] { try container.encode(number, forKey: key) }
    }
}

extension HeadProbeResult {
    /// Whether the head tells the classes apart, by the test that bounds the chance of any false call.
    ///
    /// False if nothing was tested, or if the data don't allow a p value that small.
    public func isSignificant(level: Double = 0.05) -> Bool { finding.p.map { $0 <= level } ?? false }

    /// Best first: by AUROC, then p, then layer and head.
    static func isBetter(_ first: HeadProbeResult, _ second: HeadProbeResult) -> Bool {
        (second.auroc, first.p ?? 1, first.head) < (first.auroc, second.p ?? 1, second.head)
    }
}

extension ProbeMeasures {
    /// All measures but the p values, which need the other heads.
    /// - Parameters:
    ///   - scores: the score of each row, for each repeat.
    ///   - controls: the accuracy on each control task.
    init(scores: [[Double]], rows: GroupedLabels, controls: [Double]) {
        let area = AreaUnderROC(repeats: scores, labels: rows.labels)
        let interval = area?.interval(groups: rows.groups)
        let decisions = AreaUnderROC(repeats: scores.map { $0.map { $0 > 0 ? 1 : 0 } }, labels: rows.labels)
        let decisionInterval = decisions?.interval(groups: rows.groups)
        let right = rows.labels.indices.map { row in
            Double(scores.count { ($0[row] > 0) == rows.labels[row] }) / Double(scores.count)
        }
        let accuracy = right.reduce(0, +) / Double(right.count)
        let accuracyInterval = ConfidenceInterval.wilson(of: right, groups: rows.groups)
        self.init(
            auroc: area?.value ?? 0.5, accuracy: accuracy,
            balancedAccuracy: decisions?.value ?? 0.5, ciLow: interval?.low ?? 0, ciHigh: interval?.high ?? 1,
            accuracyLow: accuracyInterval.low, accuracyHigh: accuracyInterval.high,
            balancedAccuracyLow: decisionInterval?.low ?? 0, balancedAccuracyHigh: decisionInterval?.high ?? 1,
            selectivity: controls.isEmpty ? nil : accuracy - controls.reduce(0, +) / Double(controls.count))
    }
}
