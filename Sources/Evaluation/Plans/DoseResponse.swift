import Statistics
import Tasks

/// The effects of a plan at several doses: its strengths times a factor, which is negative for the opposite behaviour.
public struct DoseResponse: Sendable, Codable, Equatable {
    /// The effects of one dose.
    public struct Point: Sendable, Codable, Equatable {
        /// The factor that the plan's strengths were multiplied by.
        public var factor: Double
        /// The items' scores at this dose.
        public var scores: ItemScores
        /// The change of the logit difference from the unedited model.
        public var change: PairedChange
        /// The cost of the dose on neutral texts.
        public var neutral: NeutralEffect
        /// The texts written at this dose; nil if none were asked for.
        public var texts: WrittenTexts?
        /// The mean changes that random directions of the same length cause.
        public var randomChanges: [Double]
        /// The change of the accuracy on unrelated questions; nil if none were given.
        public var unrelatedChange: MeanWithInterval?
    }

    /// The doses, in ascending order of their factors; the factor 0 is the unedited model.
    public var points: [Point]
    /// The strength of the plan's first edit at the factor 1, in ``unit``.
    public var strength: Double
    /// The unit of ``strength``.
    public var unit: String

    /// The default factors.
    public static let factors = [-1.5, -1, -0.5, 0, 0.5, 1, 1.5]
}
