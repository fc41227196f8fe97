import DataFiles

/// How ``AblatePreset`` works; the defaults are the published constants.
public struct AblateOptions: Sendable, Codable, Equatable {
    /// The layer whose input gives the direction; nil for the layer whose direction lowers the behaviour most when
    /// ablated.
    public var layer: Int?
    /// The number of last positions of a prompt that are tried as the source of the direction.
    ///
    /// The source tries all tokens that the chat template writes after the instruction; the default is the last one
    /// alone.
    public var positions: Int
    /// The maximum KL that an ablation may cost, in nats: 0.1.
    public var mostKL: Double
    /// The share of layers at the end that are not tried: 0.2.
    public var prunedShare: Double
    /// Whether a direction is refused if adding it to other texts doesn't raise the behaviour.
    public var requiresInduction: Bool
    /// The maximum number of texts of each label for the fit: 128.
    public var fitTexts: Int
    /// The maximum number of texts of each label for the comparison of layers: 32.
    public var validationTexts: Int
    /// Whether texts go through the model's chat template, if it has one.
    public var usesChatTemplate: Bool

    /// Makes options; the defaults are the source's where it has them.
    ///
    /// Without a layer, all layers are compared.
    ///
    /// - Precondition: `positions` is at least 1; `mostKL` is not negative; `prunedShare` is at least 0 and below 1;
    ///   `fitTexts` and `validationTexts` are at least 1.
    public init(
        layer: Int? = nil, positions: Int = 1, mostKL: Double = 0.1, prunedShare: Double = 0.2,
        requiresInduction: Bool = true, fitTexts: Int = 128, validationTexts: Int = 32, usesChatTemplate: Bool = true
    ) {
        precondition(positions >= 1, "A direction is read at one or more positions.")
        precondition(mostKL >= 0 && (0..<1).contains(prunedShare), "A budget is at least 0, and a share is below 1.")
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
