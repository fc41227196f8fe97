import Intervention
import Transformer

/// A monitor's scores at one position.
public struct TokenScore: Sendable, Equatable {
    /// The position in the sequence.
    public let position: Int
    /// The largest standardised statistic of all heads, or more if a value is inconsistent.
    ///
    /// A position with a score above ``HeadMonitor/tokenThreshold`` raises an alarm.
    public let score: Double
    /// The largest standardised statistic of all heads, whatever the consistency checks say.
    public let envelopeScore: Double
    /// The head that has the ``envelopeScore``.
    public let mostUnusual: Head
    /// Whether the position raises an alarm.
    public let isAlarm: Bool
    /// The heads behind the alarm, worst first; empty without an alarm.
    ///
    /// Heads whose z was changed come before those that are only unusual.
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
    /// The head.
    public let head: Head
    /// Why the head is named.
    public let reason: Reason
    /// For an unusual head, its standardised statistic; for a changed one, its deviation as a multiple of the
    /// tolerance.
    public let score: Double
}

/// A monitor's scores of a text so far.
public struct AnswerScore: Sendable, Equatable {
    /// The aggregates of the scores of the text's positions.
    public var scores: Aggregates
    /// Whether the largest score passes ``HeadMonitor/answerThreshold``.
    public var flagged: Bool
    /// The first position whose score passed that threshold; nil if none did.
    public var flaggedAt: Int?
    /// The heads of all positions that passed it: changed ones first, then unusual ones, each by their largest score.
    public var heads: [HeadAlarm]
    /// Sites of whole layers that were changed.
    public var sites: [EditTarget]
    /// The number of positions that were watched.
    public var positions: Int
    /// The number of positions that raised an alarm, out of ``positions``.
    public var alarms: Int
    /// The scores of each detector.
    public var behaviours: [BehaviourScore]

    /// The scores of one detector.
    public struct BehaviourScore: Sendable, Equatable, Codable {
        /// The detector's name.
        public var behaviour: String
        /// The largest, the mean and the moving average of its scores.
        public var scores: Aggregates
        /// Which of the three pass their thresholds.
        public var flagged: [String]
    }
}
