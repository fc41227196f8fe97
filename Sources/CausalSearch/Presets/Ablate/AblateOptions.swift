import DataFiles

/// How ``AblatePreset`` works; the defaults are the published constants.
public struct AblateOptions: Sendable, Codable, Equatable {
    /// The layer whose input gives the direction; nil for the one whose ablation lowers the behaviour most.
    public var layer: Int?
    /// How many of the last positions of a prompt are tried as the source of the direction. The source tries all tokens
    /// that the chat template writes after the instruction; by default the last one alone.
    public var positions: Int
    /// Directions whose ablation costs more KL than this, in nats, are left out: 0.1.
    public var mostKL: Double
    /// The share of the last layers that are left out: 0.2.
    public var prunedShare: Double
    /// Whether directions that don't raise the behaviour when they are added to other texts are left out.
    public var requiresInduction: Bool
    /// The most texts of either label for the fit, and for the comparison of layers: 128 and 32.
    public var fitTexts: Int
    /// See ``fitTexts``.
    public var validationTexts: Int
    /// Whether texts go through the model's chat template, if it has one.
    public var usesChatTemplate: Bool

    /// Options; the defaults are the source's where it has them. Without a layer, all are compared.
    ///
    /// - Precondition: a direction is read at one position at least; a budget is not negative, a share below 1; each
    ///   part needs a text.
    public init(
        layer: Int? = nil, positions: Int = 1, mostKL: Double = 0.1, prunedShare: Double = 0.2,
        requiresInduction: Bool = true, fitTexts: Int = 128, validationTexts: Int = 32, usesChatTemplate: Bool = true
    ) {
        precondition(positions >= 1, "A direction is read at one position at least.")
        precondition(mostKL >= 0 && (0..<1).contains(prunedShare), "A budget is not negative, a share below 1.")
        precondition(fitTexts >= 1 && validationTexts >= 1, "Each part needs a text.")
        self.layer = layer
        self.positions = positions
        self.mostKL = mostKL
        self.prunedShare = prunedShare
        self.requiresInduction = requiresInduction
        self.fitTexts = fitTexts
        self.validationTexts = validationTexts
        self.usesChatTemplate = usesChatTemplate
    }
}
