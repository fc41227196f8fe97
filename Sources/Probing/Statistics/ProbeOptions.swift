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
