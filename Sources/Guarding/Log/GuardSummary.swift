/// What a guard did, by week and reason.
public struct GuardSummary: Sendable, Equatable, Codable {
    /// One week.
    public struct Week: Sendable, Equatable, Codable {
        /// `2026-W48`
        public var week: String
        /// The number of prompts.
        public var prompts: Int
        /// The prompts that were answered without objection.
        public var allowed: Int
        /// Those answered and flagged.
        public var flagged: Int
        /// Those refused, or whose answers were.
        public var refused: Int
        /// What was refused or flagged, the most frequent first.
        public var reasons: [Reason]
    }

    /// How often something was refused or flagged for one reason.
    public struct Reason: Sendable, Equatable, Codable {
        /// Which layer objected.
        public var layer: GuardLayer
        /// Which filter of it.
        public var filter: String
        /// The kind of reason, as the filter names it.
        public var reason: String
        /// What was done.
        public var outcome: GuardEvent.Outcome
        /// How often.
        public var count: Int
    }

    /// The weeks that have prompts, oldest first.
    public var weeks: [Week]

    /// Counts by week (ISO 8601) of the events, in any order.
    public init(_ events: [GuardEvent]) {
        weeks = Dictionary(grouping: events, by: \.week).sorted { $0.key < $1.key }.map { week, events in
            func count(_ outcome: GuardEvent.Outcome) -> Int { events.count { $0.outcome == outcome } }
            let reasons = Dictionary(grouping: events.filter { $0.refusal != nil }) { event in
                [event.refusal?.layer.rawValue ?? "", event.refusal?.filter ?? "", event.refusal?.reason ?? ""]
                    + [event.outcome.rawValue]
            }
            return Week(
                week: week, prompts: events.count, allowed: count(.allowed), flagged: count(.flagged),
                refused: count(.refused),
                reasons: reasons.sorted { ($1.value.count, $0.key.joined()) < ($0.value.count, $1.key.joined()) }
                    .compactMap { _, events in
                        events[0].refusal.map {
                            Reason(
                                layer: $0.layer, filter: $0.filter, reason: $0.reason, outcome: events[0].outcome,
                                count: events.count)
                        }
                    })
        }
    }
}
