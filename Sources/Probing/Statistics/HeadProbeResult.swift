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

/// How heads are probed.
public struct ProbeOptions: Sendable, Codable, Equatable {
    public var estimator: DirectionEstimator
    /// The number of folds wanted; there may be fewer when groups are few.
    public var folds: Int
    /// The number of relabellings of the permutation test; with 0 all p values are 1.
    public var permutations: Int
    /// The number of control tasks that selectivity is averaged over.
    public var controlTasks: Int
    public var seed: UInt64

    /// - Parameters:
    ///   - folds: 5, the customary trade between bias and variance.
    ///   - permutations: 1000 give p values down to 0.001.
    ///   - controlTasks: 4; each costs one more cross-validation.
    public init(
        estimator: DirectionEstimator = .massMean, folds: Int = 5, permutations: Int = 1000, controlTasks: Int = 4,
        seed: UInt64 = 0
    ) {
        self.estimator = estimator
        self.folds = folds
        self.permutations = permutations
        self.controlTasks = controlTasks
        self.seed = seed
    }
}

/// The probes of all heads, best first, and what they were tested with.
public struct ProbeReport: Sendable, Codable, Equatable {
    public var heads: [HeadProbeResult]
    public var options: ProbeOptions
    public var examples: Int
    public var groups: Int
    /// The number of folds that the groups allowed.
    public var folds: Int
    /// The number of relabellings that p values rest on.
    public var relabellings: Int
    /// Whether these are all there are, so that p values are exact.
    public var isExact: Bool
    /// No p value can be smaller: with few groups no head can be called significant, whatever its activations.
    public var smallestP: Double
}
