/// What a guard did, by week and reason.
public struct GuardSummary: Sendable, Equatable, Codable {
    /// One week.
    public struct Week: Sendable, Equatable, Codable {
        /// The week, such as `2026-W48`.
        public var week: String
        /// The number of prompts.
        public var prompts: Int
        /// The number of prompts that were answered without objection.
        public var allowed: Int
        /// The number of prompts that were answered and flagged.
        public var flagged: Int
        /// The number of prompts that were refused, or whose answers were.
        public var refused: Int
        /// The reasons for refusing or flagging, the most frequent first.
        public var reasons: [Reason]
    }

    /// How often something was refused or flagged for one reason.
    ///
    /// A text that was flagged and then refused counts under both reasons.
    public struct Reason: Sendable, Hashable, Codable {
        /// The layer that objected.
        public var layer: GuardLayer
        /// The filter of that layer.
        public var filter: String
        /// The kind of reason, as the filter names it.
        public var reason: String
        /// The outcome that it led to.
        public var outcome: GuardEvent.Outcome
        /// How often it happened.
        public var count: Int
    }

    /// The weeks that have prompts, oldest first.
    public var weeks: [Week]

    /// Counts events, in any order, by their week (ISO 8601).
    public init(_ events: [GuardEvent]) {
        weeks = Dictionary(grouping: events, by: \.week).sorted { $0.key < $1.key }.map { week, events in
            func count(_ outcome: GuardEvent.Outcome) -> Int { events.count { $0.outcome == outcome } }
            return Week(
                week: week, prompts: events.count, allowed: count(.allowed), flagged: count(.flagged),
                refused: count(.refused),
                reasons: Self.counted(events.flatMap(Self.reasons)))
        }
    }

    /// Each of an event's reasons, once.
    private static func reasons(_ event: GuardEvent) -> [Reason] {
        func reason(_ refusal: Refusal, _ outcome: GuardEvent.Outcome) -> Reason {
            Reason(layer: refusal.layer, filter: refusal.filter, reason: refusal.reason, outcome: outcome, count: 1)
        }
        return event.flags.map { reason($0, .flagged) } + (event.refusal.map { [reason($0, event.outcome)] } ?? [])
    }

    /// Counts equal reasons, with the most frequent first.
    private static func counted(_ reasons: [Reason]) -> [Reason] {
        Dictionary(grouping: reasons) { $0 }
            .map { reason, all in
                var counted = reason
                counted.count = all.count
                return counted
            }
            .sorted {
                ($1.count, $0.layer.rawValue, $0.filter, $0.reason, $0.outcome.rawValue)
                    < ($0.count, $1.layer.rawValue, $1.filter, $1.reason, $1.outcome.rawValue)
            }
    }
}
