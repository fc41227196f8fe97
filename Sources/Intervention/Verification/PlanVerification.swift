import Transformer

/// The checks of a plan and their results.
public struct PlanVerification: Sendable, Encodable {
    /// One check.
    public struct Check: Sendable, Equatable {
        /// The result of a check.
        public enum Outcome: String, Sendable {
            /// The value found matches the record, within the check's tolerance.
            case holds
            /// The value found doesn't match the record.
            case fails
            /// Neither the plan nor its files tell what should be found.
            case notRecorded = "not recorded"
            /// There is nothing to check; for example, no operation of the plan has a strength that changes nothing.
            case notApplicable = "not applicable"
        }

        /// A value that was found or expected.
        public enum Value: Sendable, Equatable {
            /// One number.
            case number(Double)
            /// One word, such as a name or a digest.
            case text(String)
            /// Several words, such as the names of heads.
            case texts([String])
            /// The positions in each text.
            case positions([[Int]])
        }

        /// The name of the check, such as `direction of 2.1`.
        public var name: String
        /// The result.
        public var outcome: Outcome
        /// The value that was found; nil if the check couldn't be made.
        public var found: Value?
        /// The value that the plan or its record gives; nil if it gives none.
        public var expected: Value?
        /// What the value looks like instead, or why it couldn't be checked.
        public var note: String?

        /// Makes a check with its result.
        public init(
            _ name: String, _ outcome: Outcome, found: Value? = nil, expected: Value? = nil, note: String? = nil
        ) {
            self.name = name
            self.outcome = outcome
            self.found = found
            self.expected = expected
            self.note = note
        }

        /// Makes a check that holds or fails.
        init(_ name: String, holds: Bool, found: Value?, expected: Value?, note: String? = nil) {
            self.init(name, holds ? .holds : .fails, found: found, expected: expected, note: note)
        }
    }

    /// The effects of one target's edits in an executed run.
    public struct Traced: Sendable, Encodable, Equatable {
        /// The target, such as `2.1`.
        public var target: String
        /// The heads or sites whose values changed first in the pass.
        public var touched: [String]
        /// The positions that changed, for each text.
        public var positions: [[Int]]
        /// The mean length of the change of the values at a position.
        public var length: Double
    }

    /// All checks, in the order in which they were made.
    public var checks: [Check]
    /// The executed trace, one target after the other.
    public var trace: [Traced]
    /// The tokens of the traced texts.
    public var texts: [[Int]]
    /// The number of prompt tokens in each traced text.
    public var promptCounts: [Int]

    /// Whether no check fails; checks that couldn't be made don't count (see ``notRecorded``).
    public var holds: Bool { !checks.contains { $0.outcome == .fails } }
    /// The names of the checks that fail.
    public var failed: [String] { checks.filter { $0.outcome == .fails }.map(\.name) }
    /// The names of the checks for which nothing is recorded.
    public var notRecorded: [String] { checks.filter { $0.outcome == .notRecorded }.map(\.name) }

    private enum Key: String, CodingKey {
        case holds, failed, notRecorded, checks, trace, texts, promptCounts
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(holds, forKey: .holds)
        try container.encode(failed, forKey: .failed)
        try container.encode(notRecorded, forKey: .notRecorded)
        try container.encode(checks, forKey: .checks)
        try container.encode(trace, forKey: .trace)
        try container.encode(texts, forKey: .texts)
        try container.encode(promptCounts, forKey: .promptCounts)
    }
}

extension PlanVerification.Check: Encodable {
    private enum Key: String, CodingKey { case name, holds, outcome, found, expected, note }

    /// Encodes a check; `holds` is null if the check couldn't be made.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(name, forKey: .name)
        try container.encode(outcome.rawValue, forKey: .outcome)
        switch outcome {
        case .holds, .fails: try container.encode(outcome == .holds, forKey: .holds)
        case .notRecorded, .notApplicable: try container.encodeNil(forKey: .holds)
        }
        try container.encode(found, forKey: .found)
        try container.encode(expected, forKey: .expected)
        try container.encodeIfPresent(note, forKey: .note)
    }
}

extension PlanVerification.Check.Value: Encodable, CustomStringConvertible {
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .number(let number): try container.encode(number)
        case .text(let text): try container.encode(text)
        case .texts(let texts): try container.encode(texts)
        case .positions(let positions): try container.encode(positions)
        }
    }

    public var description: String {
        switch self {
        case .number(let number): "\((number * 1e4).rounded() / 1e4)"
        case .text(let text): text
        case .texts(let texts): texts.isEmpty ? "none" : texts.joined(separator: ", ")
        case .positions(let positions):
            positions.map { Self.ranges($0) }.joined(separator: "; ")
        }
    }

    /// Ranges of positions as text, such as `0 to 3, 7`.
    private static func ranges(_ positions: [Int]) -> String {
        var parts: [ClosedRange<Int>] = []
        for position in positions {
            if let last = parts.last, last.upperBound + 1 == position {
                parts[parts.count - 1] = last.lowerBound...position
            } else {
                parts.append(position...position)
            }
        }
        return parts.isEmpty
            ? "none"
            : parts.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound) to \($0.upperBound)" }
                .joined(separator: ", ")
    }
}
