import Tokenization

/// A dry run: the tokens of a prompt, and the tokens that each edit of a plan touches.
public struct TouchedTokens: Sendable, Equatable {
    /// The prompt's tokens as spelled in the vocabulary, with line breaks shown as ⏎.
    public var pieces: [String]
    /// The prompt's positions that each edit touches, in the order of the plan's edits.
    public var positions: [[Int]]
    /// The generated tokens that each edit touches, in the order of the plan's edits.
    public var generated: [Generated]

    /// The generated tokens that an edit touches.
    public enum Generated: Sendable, Equatable, CustomStringConvertible {
        /// No generated token.
        case none
        /// Every generated token.
        case all
        /// The first n generated tokens.
        case first(Int)
        /// A range of generated tokens, where 0 is the first one.
        case window(Range<Int>)
        /// Generated tokens that are among the rule's tokens.
        case matching
        /// Those of the first n generated tokens that are among the rule's tokens.
        case matchingFirst(Int)

        public var description: String {
            switch self {
            case .none: "no generated token"
            case .all: "every generated token"
            case .first(let count): "the first \(count) generated tokens"
            case .window(let range): "the generated tokens \(range.lowerBound) to \(range.upperBound - 1)"
            case .matching: "generated tokens that the rule lists"
            case .matchingFirst(let count): "those of the first \(count) generated tokens that the rule lists"
            }
        }
    }

    /// Finds the tokens that a plan's edits touch.
    ///
    /// - Parameter prompt: the prompt's tokens.
    /// - Throws: `InputError` if the vocabulary lacks a token.
    public init(_ plan: InterventionPlan, prompt: [Int], tokenizer: Tokenizer) throws {
        pieces = try prompt.map { try tokenizer.piece($0).replacing("\n", with: "⏎") }
        positions = plan.edits.map { edit in
            prompt.indices.filter { position in
                edit.positions.contains(position: position, token: prompt[position], promptCount: prompt.count)
                    && edit.schedule.factor(position: position, promptCount: prompt.count) != 0
            }
        }
        generated = plan.edits.map { Self.generated($0, promptCount: prompt.count) }
    }

    private static func generated(_ edit: PlannedEdit, promptCount: Int) -> Generated {
        // Generated token g has the time g + 1: `first(n)` steers n new tokens, but the first is chosen before it is
        // there.
        let end: Int =
            switch edit.schedule {
            case .constant: .max
            case .decay(let rate): rate == 0 ? 0 : .max
            case .first(let count): max(0, count - 1)
            }
        switch edit.positions {
        case .prompt: return .none
        case .tokens: return end == 0 ? .none : end == .max ? .matching : .matchingFirst(end)
        case .all, .last, .generated: return window(0, end)
        case .range(let from, let to):
            return window(from < 0 ? 0 : max(0, from - promptCount), min(end, to < 0 ? 0 : to - promptCount))
        }
    }

    private static func window(_ start: Int, _ end: Int) -> Generated {
        if start >= end { return .none }
        if start > 0 { return .window(start..<end) }
        return end == .max ? .all : .first(end)
    }

    /// The prompt as readable text, with the tokens that an edit touches in ⟦ ⟧: `My| day| was|⟦ fine⟧`.
    public func marked(edit: Int) -> String {
        let touched = Set(positions[edit])
        return pieces.enumerated().map { touched.contains($0) ? "⟦\($1)⟧" : $1 }.joined(separator: "|")
    }
}
