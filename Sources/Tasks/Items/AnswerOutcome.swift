/// What a generated answer says. An answer that is none of the offered ones, or several, is counted by itself: an edit
/// that breaks the text must not look like one that changes the answer.
public enum AnswerOutcome: String, Sendable, Codable, CaseIterable {
    /// The answer shows the behaviour.
    case target
    /// The answer is one of the others.
    case other
    /// No answer is found in the text, or answers of both sides.
    case undefined
}

/// How many texts had each outcome.
public struct OutcomeCounts: Sendable, Codable, Equatable {
    /// Texts that show the behaviour.
    public var target: Int
    /// Texts that show its opposite.
    public var other: Int
    /// Texts without an answer, or with answers of both sides.
    public var undefined: Int

    /// Counts outcomes.
    public init(_ outcomes: some Sequence<AnswerOutcome>) {
        (target, other, undefined) = (0, 0, 0)
        for outcome in outcomes {
            switch outcome {
            case .target: target += 1
            case .other: other += 1
            case .undefined: undefined += 1
            }
        }
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        // Of 32 bits, so that the sum of three is a number, too.
        func count(_ key: CodingKeys) throws -> Int { Int(try container.decode(UInt32.self, forKey: key)) }
        (target, other, undefined) = (try count(.target), try count(.other), try count(.undefined))
    }

    private enum CodingKeys: String, CodingKey { case target, other, undefined }

    /// All texts.
    public var total: Int { target + other + undefined }
    /// The share of target answers among all, undefined ones included; 0 for none.
    public var targetShare: Double { total == 0 ? 0 : Double(target) / Double(total) }
    /// The share of undefined answers; 0 for none.
    public var undefinedShare: Double { total == 0 ? 0 : Double(undefined) / Double(total) }

    /// The largest share of undefined answers that the others still say something beside.
    public static let mostUndefined = 0.75
    /// Whether enough answers are defined to decide anything: a few among many that say nothing may be chance.
    public var decides: Bool { total > 0 && undefinedShare <= Self.mostUndefined }
}
