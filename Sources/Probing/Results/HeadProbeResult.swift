import Statistics
import Transformer

/// What a probe of a head is worth; the head is number 0 for sites that have none, such as the residual stream.
public typealias HeadProbeResult = HeadResult<ProbeMeasures>

/// What a probe is worth, on rows that it wasn't fitted on.
public struct ProbeMeasures: Sendable, Codable, Equatable {
    /// Area under the ROC curve of the scores of all test folds together, the mean over repeats.
    public var auroc: Double
    /// Share of right decisions at the thresholds of the training folds, the mean over repeats.
    public var accuracy: Double
    /// The mean of both classes' accuracies.
    public var balancedAccuracy: Double
    /// Lower bound of the 95% confidence interval of `auroc` (see `AreaUnderROC.interval`).
    public var ciLow: Double
    /// Upper bound of the 95% confidence interval of `auroc`.
    public var ciHigh: Double
    /// Lower bound of the 95% confidence interval of `accuracy` (see `ConfidenceInterval.wilson(of:groups:level:)`).
    public var accuracyLow: Double
    /// Upper bound of the 95% confidence interval of `accuracy`.
    public var accuracyHigh: Double
    /// Lower bound of the 95% confidence interval of `balancedAccuracy`: the area under the ROC curve of the decisions,
    /// whose interval it has.
    public var balancedAccuracyLow: Double
    /// Upper bound of the 95% confidence interval of `balancedAccuracy`.
    public var balancedAccuracyHigh: Double
    /// p value against the best of all heads under permuted labels (max-T), which bounds the chance of any false call;
    /// nil if nothing was tested.
    public var p: Double?
    /// p value against this head under permuted labels, not corrected for the number of heads; nil if nothing was
    /// tested.
    public var unadjustedP: Double?
    /// Benjamini-Hochberg q value of `unadjustedP` over all heads; nil if nothing was tested.
    public var q: Double?
    /// Accuracy minus the mean accuracy on control tasks; nil if none was run.
    public var selectivity: Double?

    /// All fields, null for what wasn't computed: scripts find each one in every object.
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
    /// Whether the head tells the classes apart, by the test that bounds the chance of any false call. False where
    /// nothing was tested, and where the data don't allow a p value as small as that.
    public func isSignificant(level: Double = 0.05) -> Bool { finding.p.map { $0 <= level } ?? false }

    /// Best first: by AUROC, then p, then layer and head.
    static func isBetter(_ first: HeadProbeResult, _ second: HeadProbeResult) -> Bool {
        (second.auroc, first.p ?? 1, first.head) < (first.auroc, second.p ?? 1, second.head)
    }
}

extension ProbeMeasures {
    /// All but the p values, which need the other heads.
    /// - Parameters:
    ///   - scores: of each row, for each repeat.
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
