import Statistics
import Tasks

/// What a plan does at several doses: its strengths times a factor, negative ones for the opposite behaviour.
public struct DoseResponse: Sendable, Codable, Equatable {
    /// One dose.
    public struct Point: Sendable, Codable, Equatable {
        /// What the plan's strengths were multiplied by.
        public var factor: Double
        /// What the items say at this dose.
        public var scores: ItemScores
        /// The change of the logit difference against the unedited model.
        public var change: PairedChange
        /// What the dose costs on neutral texts.
        public var neutral: NeutralEffect
        /// What texts say; nil if none were asked for.
        public var texts: WrittenTexts?
        /// The changes that random directions of the same length bring.
        public var randomChanges: [Double]
        /// The change of the accuracy on unrelated questions; nil if none were given.
        public var unrelatedChange: MeanWithInterval?
    }

    /// In the order of the factors, ascending; 0 is the unedited model.
    public var points: [Point]
    /// The strength of the plan's first edit at the factor 1, and its unit.
    public var strength: Double
    /// See ``strength``.
    public var unit: String

    /// The factors that are taken unless others are asked for.
    public static let factors = [-1.5, -1, -0.5, 0, 0.5, 1, 1.5]
}
