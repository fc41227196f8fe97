/// The side that a generated answer takes.
///
/// An answer that is none of the offered ones, or several of them, is counted separately, because an edit that breaks
/// the text must not look like one that changes the answer.
public enum AnswerOutcome: String, Sendable, Codable, CaseIterable {
    /// The answer shows the behaviour.
    case target
    /// The answer is against the behaviour.
    case other
    /// The text has no answer, or answers of both sides.
    case undefined
}

/// The number of texts with each outcome.
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
        // 32 bits each, so that the sum of three can't overflow.
        func count(_ key: CodingKeys) throws -> Int { Int(try container.decode(UInt32.self, forKey: key)) }
        (target, other, undefined) = (try count(.target), try count(.other), try count(.undefined))
    }

    private enum CodingKeys: String, CodingKey { case target, other, undefined }

    /// The number of all texts.
    public var total: Int { target + other + undefined }
    /// The share of target answers among all texts, including undefined ones; 0 without texts.
    public var targetShare: Double { total == 0 ? 0 : Double(target) / Double(total) }
    /// The share of undefined answers; 0 without texts.
    public var undefinedShare: Double { total == 0 ? 0 : Double(undefined) / Double(total) }

    /// The largest share of undefined answers at which the other answers can still decide anything.
    public static let mostUndefined = 0.75
    /// Whether enough answers are defined to decide anything; a few defined answers among many undefined ones may be
    /// chance.
    public var decides: Bool { total > 0 && undefinedShare <= Self.mostUndefined }
}
