import DataFiles

/// How ``CAAPreset`` works; the defaults are the published constants.
public struct CAAOptions: Sendable, Codable, Equatable {
    /// The layer; nil for the layer with the largest effect.
    ///
    /// The paper uses 13 for Llama-2-7B-chat, found by a sweep.
    public var layer: Int?
    /// The factor that the vector is multiplied by: 1.
    public var multiplier: Double
    /// The number of questions kept out of the fit to compare layers on: 50, the size of the published test sets.
    public var validationQuestions: Int
    /// Whether questions go through the model's chat template, if it has one.
    public var usesChatTemplate: Bool

    /// Makes options.
    ///
    /// Without a layer, all layers are compared on the questions kept out of the fit.
    ///
    /// - Precondition: `multiplier` is finite; `validationQuestions` is at least 1.
    public init(
        layer: Int? = nil, multiplier: Double = 1, validationQuestions: Int = 50, usesChatTemplate: Bool = true
    ) {
        precondition(multiplier.isFinite, "A multiplier is a finite number.")
        precondition(validationQuestions >= 1, "Layers are compared on at least one question.")
        self.layer = layer
        self.multiplier = multiplier
        self.validationQuestions = validationQuestions
        self.usesChatTemplate = usesChatTemplate
    }
}
