import DataFiles
import Tokenization

/// A labelled text as a model reads it: its tokens, and the positions at which activations are read.
public struct PreparedText: Sendable, Equatable {
    /// The tokens, at least one.
    public var tokens: [Int]
    /// The positions to read: one, a span to average, or all.
    public var positions: Range<Int>
    /// The text's class.
    public var label: Bool
    /// The text's group; see ``LabelledExample/group``.
    public var group: String
    /// The line of the file that the text comes from; 0 for none.
    public var line: Int

    /// A text that was prepared elsewhere.
    ///
    /// - Precondition: `positions` is a non-empty range of the tokens.
    public init(tokens: [Int], positions: Range<Int>, label: Bool, group: String, line: Int = 0) {
        precondition(
            !positions.isEmpty && positions.lowerBound >= 0 && positions.upperBound <= tokens.count,
            "A text is read at positions that it has.")
        self.tokens = tokens
        self.positions = positions
        self.label = label
        self.group = group
        self.line = line
    }

    /// The tokens as readable text, with the read ones in ⟦ ⟧ and line breaks as ⏎: `I| smiled| at| her|⟦.⟧`.
    /// - Throws: `InputError` if the vocabulary lacks a token.
    public func marked(_ tokenizer: Tokenizer) throws -> String {
        try tokens.enumerated().map { index, token in
            let piece = try tokenizer.piece(token).replacing("\n", with: "⏎")
            return positions.contains(index) ? "⟦\(piece)⟧" : piece
        }.joined(separator: "|")
    }
}
