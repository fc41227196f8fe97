import Directions

/// How heads are probed.
public struct ProbeOptions: Sendable, Codable, Equatable {
    /// How a probe's direction is fitted.
    public var estimator: DirectionEstimator
    /// The number of folds wanted; there may be fewer if groups are few.
    public var folds: Int
    /// How many times the rows are split; figures are means over all splits.
    ///
    /// The permutation test and the control tasks use only the first split.
    public var repeats: Int
    /// The number of relabellings of the permutation test; with 0, nothing is tested, and there are no p values.
    public var permutations: Int
    /// The number of control tasks that selectivity is averaged over; with 0, there is no selectivity.
    public var controlTasks: Int
    /// The seed of the random numbers of splits, relabellings and control tasks: the same seed gives the same report.
    public var seed: UInt64

    /// - Parameters:
    ///   - folds: 5, the customary trade-off between bias and variance.
    ///   - repeats: 3, which takes most of the luck of a single split out of the figures.
    ///   - permutations: 1000 give p values down to 0.001.
    ///   - controlTasks: 4; each costs one more cross-validation.
    public init(
        estimator: DirectionEstimator = .massMean, folds: Int = 5, repeats: Int = 3, permutations: Int = 1000,
        controlTasks: Int = 4, seed: UInt64 = 0
    ) {
        self.estimator = estimator
        self.folds = folds
        self.repeats = repeats
        self.permutations = permutations
        self.controlTasks = controlTasks
        self.seed = seed
    }
}
