import Foundation

/// Where something was refused or noticed.
public enum GuardLayer: String, Sendable, Codable, CaseIterable {
    /// The prompt, before the model reads it.
    case input
    /// The model's activations, while it writes.
    case activations
    /// The text, before it is shown.
    case output
}

/// Why a prompt or a text was refused.
public struct Refusal: Sendable, Equatable, Codable {
    /// The layer that refused it, one of three.
    public var layer: GuardLayer
    /// The filter's name; `monitor` for activations.
    public var filter: String
    /// The kind of reason, as the filter names it.
    public var reason: String

    /// A refusal.
    public init(layer: GuardLayer, filter: String, reason: String) {
        self.layer = layer
        self.filter = filter
        self.reason = reason
    }
}

/// One line of a guard's log: what became of one prompt.
///
/// It holds nothing of the texts.
public struct GuardEvent: Sendable, Equatable {
    /// What became of a prompt.
    public enum Outcome: String, Sendable, Codable, CaseIterable {
        /// It was answered, and the answer shown.
        case allowed
        /// It was answered and shown, and a monitor flagged it.
        case flagged
        /// It was not answered, or the answer was not shown, or not all of it.
        case refused
    }

    /// When the outcome was decided.
    public var time: Date
    /// The outcome for the prompt.
    public var outcome: Outcome
    /// What decided, and why; nil if the prompt was allowed.
    public var refusal: Refusal?
    /// What had flagged the text before it was refused, in that order, as when a monitor flags a text that a check of
    /// the text then refuses.
    public var flags: [Refusal]

    /// An event; only an allowed one has no refusal, and only a refused one has flags before it.
    public init(time: Date, outcome: Outcome, refusal: Refusal? = nil, flags: [Refusal] = []) {
        self.time = time
        self.outcome = outcome
        self.refusal = refusal
        self.flags = flags
    }

    /// The week of the time in UTC, as in ISO 8601: `2026-W48`.
    public var week: String { ISOWeek.name(of: time) }
}

/// Weeks of ISO 8601, in UTC: they begin on Monday, and the first week of a year holds its first Thursday.
enum ISOWeek {
    private static var calendar: Calendar {
        var calendar = Calendar(identifier: .iso8601)
        calendar.timeZone = TimeZone(secondsFromGMT: 0) ?? calendar.timeZone
        return calendar
    }

    static func name(of time: Date) -> String {
        let parts = calendar.dateComponents([.yearForWeekOfYear, .weekOfYear], from: time)
        let week = parts.weekOfYear ?? 0
        return "\(parts.yearForWeekOfYear ?? 0)-W\(week < 10 ? "0" : "")\(week)"
    }
}
