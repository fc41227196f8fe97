import Tokenization

/// A dry run: the tokens of a prompt, and which of them each edit of a plan touches.
public struct TouchedTokens: Sendable, Equatable {
    /// The prompt's tokens as the vocabulary spells them, line breaks shown as ⏎.
    public var pieces: [String]
    /// For each edit of the plan, in its order, the prompt's positions that it touches.
    public var positions: [[Int]]
    /// For each edit, which of the tokens to come it touches.
    public var generated: [Generated]

    /// Which generated tokens an edit touches.
    public enum Generated: Sendable, Equatable, CustomStringConvertible {
        /// No token to come.
        case none
        /// Every token to come.
        case all
        /// The first n of them.
        case first(Int)
        /// A range of them, 0 being the first one.
        case window(Range<Int>)
        /// Those that are one of the rule's tokens.
        case matching
        /// Those among the first n that are one of the rule's tokens.
        case matchingFirst(Int)

        public var description: String {
            switch self {
            case .none: "no generated token"
            case .all: "every generated token"
            case .first(let count): "the first \(count) generated tokens"
            case .window(let range): "the generated tokens \(range.lowerBound) to \(range.upperBound - 1)"
            case .matching: "generated tokens that are among the rule's"
            case .matchingFirst(let count): "those of the first \(count) generated tokens that are among the rule's"
            }
        }
    }

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
        // Generated token g has the time g + 1: `first(n)` steers n new tokens, and the first is decided before it is there.
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

    /// The prompt as readable text, the tokens that an edit touches in ⟦ ⟧: `My| day| was|⟦ fine⟧`.
    public func marked(edit: Int) -> String {
        let touched = Set(positions[edit])
        return pieces.enumerated().map { touched.contains($0) ? "⟦\($1)⟧" : $1 }.joined(separator: "|")
    }
}
