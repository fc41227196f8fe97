/// What a probe of one head is worth, on rows that it wasn't fitted on.
public struct HeadProbeResult: Sendable, Codable, Equatable {
    public var layer: Int
    public var head: Int
    /// Area under the ROC curve of the scores of all test folds together.
    public var auroc: Double
    /// Share of right decisions at the thresholds of the training folds.
    public var accuracy: Double
    /// The mean of both classes' accuracies.
    public var balancedAccuracy: Double
    /// Lower bound of the 95% confidence interval of `auroc` (see `AreaUnderROC.interval`).
    public var ciLow: Double
    /// Upper bound of the 95% confidence interval of `auroc`.
    public var ciHigh: Double
    /// p value against the best of all heads under permuted labels (max-T), which bounds the chance of any false call.
    public var p: Double
    /// p value against this head under permuted labels, not corrected for the number of heads.
    public var unadjustedP: Double
    /// Benjamini-Hochberg q value of `unadjustedP` over all heads.
    public var q: Double
    /// Accuracy minus the mean accuracy on control tasks.
    public var selectivity: Double

    /// Best first: by AUROC, then p, then layer and head.
    static func isBetter(_ first: HeadProbeResult, _ second: HeadProbeResult) -> Bool {
        (second.auroc, first.p, first.layer, first.head) < (first.auroc, second.p, second.layer, second.head)
    }
}
