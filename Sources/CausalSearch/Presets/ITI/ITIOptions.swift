import DataFiles

/// How ``ITIPreset`` works; the defaults are the published constants.
public struct ITIOptions: Sendable, Codable, Equatable {
    /// The direction that heads are moved along.
    public enum Direction: String, Sendable, Codable, CaseIterable {
        /// mean(true) − mean(false) over training and validation questions, as with the code's `--use_center_of_mass`.
        case massMean = "mass-mean"
        /// The probe's weights.
        case probe
        /// Random directions at random heads, as with the code's `--use_random_dir`.
        case random
    }

    /// K, the number of heads in the plan: 48 of LLaMA-7B's 1024, but at most a quarter of the model's heads.
    public var heads: Int
    /// α, in σ: 15.
    public var strength: Double
    /// The number of folds: 2. With 1, all questions are used, as the code does for the models that it publishes.
    public var folds: Int
    /// The fold that is held out, from 0.
    public var fold: Int
    /// The share of validation questions among those not held out: 0.2.
    public var validationShare: Double
    /// The kind of direction that heads are moved along; by default the difference of class means, as published.
    public var direction: Direction
    /// Whether texts go through the model's chat template; the source reads plain text.
    public var usesChatTemplate: Bool
    /// The seed of the choice of validation questions.
    ///
    /// The source uses 42, but another random number generator.
    public var seed: UInt64

    /// Makes options; each default is documented at its property, with the source's value.
    ///
    /// - Precondition: `heads` is at least 1; `strength` is finite; `fold` is one of `folds`, from 0; `validationShare`
    ///   is above 0 and below 1.
    public init(
        heads: Int = 48, strength: Double = 15, folds: Int = 2, fold: Int = 0, validationShare: Double = 0.2,
        direction: Direction = .massMean, usesChatTemplate: Bool = false, seed: UInt64 = 0
    ) {
        precondition(heads >= 1, "A plan has at least one head.")
        precondition(strength.isFinite, "A strength is a finite number.")
        precondition(folds >= 1 && (0..<folds).contains(fold), "There is no fold \(fold) of \(folds).")
        precondition(validationShare > 0 && validationShare < 1, "A share is between 0 and 1.")
        self.heads = heads
        self.strength = strength
        self.folds = folds
        self.fold = fold
        self.validationShare = validationShare
        self.direction = direction
        self.usesChatTemplate = usesChatTemplate
        self.seed = seed
    }
}
