import Transformer

/// A log that is shown on a time line.
public enum ViewedLog: Sendable, Equatable, Encodable {
    /// A monitor's scores for one text.
    case watch(WatchLog)
    /// The counts of a guard's log.
    case events(EventLog)

    public func encode(to encoder: any Encoder) throws {
        switch self {
        case .watch(let log): try log.encode(to: encoder)
        case .events(let log): try log.encode(to: encoder)
        }
    }
}

/// A monitor's findings about a text, position by position.
public struct WatchLog: Sendable, Equatable, Encodable {
    /// A position that raised an alarm.
    public struct Alarm: Sendable, Equatable {
        /// The position, on the time line's axis.
        public var position: Double
        /// The position's score.
        public var score: Double
        /// The heads that the alarm names.
        public var named: [Head]
        /// Further details: reasons, sites.
        public var other: String
    }

    /// The file's name.
    public var name: String
    /// A sentence with a further remark; empty for none.
    public var note: String
    /// The score of each watched position.
    public var points: [(position: Double, score: Double)]
    /// The score above which an alarm is raised; nil if the log doesn't give it.
    public var threshold: Double?
    /// The positions that raised an alarm.
    public var alarms: [Alarm]

    public static func == (a: WatchLog, b: WatchLog) -> Bool {
        (a.name, a.note, a.threshold) == (b.name, b.note, b.threshold) && a.alarms == b.alarms
            && a.points.elementsEqual(b.points) { $0 == $1 }
    }

    private enum Key: String, CodingKey { case kind, name, note, points, threshold, alarms }
    private enum AlarmPart: Encodable {
        case number(Double)
        case heads([Head])
        case text(String)

        func encode(to encoder: any Encoder) throws {
            switch self {
            case .number(let number): try number.encode(to: encoder)
            case .heads(let heads): try heads.map { [$0.layer, $0.index] }.encode(to: encoder)
            case .text(let text): try text.encode(to: encoder)
            }
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode("watch", forKey: .kind)
        try container.encode(name, forKey: .name)
        try container.encode(note, forKey: .note)
        try container.encode(points.map { [$0.position, $0.score.rounded(digits: 5)] }, forKey: .points)
        try container.encode(threshold, forKey: .threshold)
        try container.encode(
            alarms.map { alarm -> [AlarmPart] in
                [
                    .number(alarm.position), .number(alarm.score.rounded(digits: 5)), .heads(alarm.named),
                    .text(alarm.other),
                ]
            }, forKey: .alarms)
    }
}

/// The outcomes of prompts, by week, or by day if the log gives no weeks.
public struct EventLog: Sendable, Equatable, Encodable {
    /// The prompts of one week or day.
    public struct Span: Sendable, Equatable, Encodable {
        /// `2026-W48`
        public var name: String
        /// The numbers of allowed, flagged and refused prompts.
        public var counts: [Int]
    }
    /// The number of times that something was refused or flagged for one reason.
    public struct Reason: Sendable, Equatable {
        /// The fields as spelled in the log.
        public var layer, filter, reason, outcome: String
        /// The number of times.
        public var times: Int
    }

    /// The file's name.
    public var name: String
    /// A sentence with a further remark; empty for none.
    public var note: String
    /// The weeks or days, oldest first.
    public var spans: [Span]
    /// The reasons, the most frequent first.
    public var reasons: [Reason]

    private enum Key: String, CodingKey { case kind, name, note, spans, reasons }
    private enum Part: Encodable {
        case text(String)
        case number(Int)

        func encode(to encoder: any Encoder) throws {
            switch self {
            case .text(let text): try text.encode(to: encoder)
            case .number(let number): try number.encode(to: encoder)
            }
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode("events", forKey: .kind)
        try container.encode(name, forKey: .name)
        try container.encode(note, forKey: .note)
        try container.encode(spans, forKey: .spans)
        try container.encode(
            reasons.map { reason -> [Part] in
                [
                    .text(reason.layer), .text(reason.filter), .text(reason.reason), .text(reason.outcome),
                    .number(reason.times),
                ]
            }, forKey: .reasons)
    }
}
