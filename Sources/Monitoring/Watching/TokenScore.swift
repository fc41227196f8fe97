import Intervention
import Transformer

/// What a monitor says of one position.
public struct TokenScore: Sendable, Equatable {
    /// The position in the sequence.
    public let position: Int
    /// The largest standardised statistic of all heads, or more where a value is inconsistent: a position with a score above
    /// ``HeadMonitor/tokenThreshold`` raises an alarm.
    public let score: Double
    /// The largest standardised statistic of all heads, whatever the consistency checks say, and the head that has it.
    public let envelopeScore: Double
    /// See ``envelopeScore``.
    public let mostUnusual: Head
    /// Whether it raises an alarm.
    public let isAlarm: Bool
    /// The heads that are the reason, worst first; empty without an alarm. Heads whose z was changed come before those
    /// that are only unusual.
    public let heads: [HeadAlarm]
    /// Sites of whole layers that were changed: `residual-post.12`.
    public let sites: [EditTarget]
    /// The detectors' scores, in their order.
    public let behaviours: [Double]
}

/// A head that an alarm names.
public struct HeadAlarm: Sendable, Equatable {
    /// Why a head is named.
    public enum Reason: String, Sendable, Codable {
        /// z is not the mix of values that it should be: somebody has changed it.
        case changed
        /// z is unlike that of clean texts.
        case unusual
    }
    /// Which head.
    public let head: Head
    /// What is wrong with it.
    public let reason: Reason
    /// For an unusual head its standardised statistic; for a changed one how many times the tolerance it is off.
    public let score: Double
}

/// What a monitor says of a text so far.
public struct AnswerScore: Sendable, Equatable {
    /// The scores of its positions.
    public var scores: Aggregates
    /// Whether the largest one passes ``HeadMonitor/answerThreshold``.
    public var flagged: Bool
    /// The first position whose score passed it.
    public var flaggedAt: Int?
    /// The heads of all positions that passed it: changed ones first, then by their largest score.
    public var heads: [HeadAlarm]
    /// Sites of whole layers that were changed.
    public var sites: [EditTarget]
    /// The number of positions watched, and of those that raised an alarm.
    public var positions: Int
    /// See ``positions``.
    public var alarms: Int
    /// For each detector its scores.
    public var behaviours: [BehaviourScore]

    /// What one detector says.
    public struct BehaviourScore: Sendable, Equatable, Codable {
        /// The detector's name.
        public var behaviour: String
        /// The largest, the mean and the moving average of its scores.
        public var scores: Aggregates
        /// Which of the three pass their thresholds.
        public var flagged: [String]
    }
}
