import DataFiles

/// Answers to one prompt under several conditions, side by side: no edit, an edit at +α, at −α.
///
/// The words that differ from one of the texts can be highlighted, to show what the edit changed.
public struct TextComparison: Sendable, Equatable {
    /// The answer under one condition.
    public struct Column: Sendable, Equatable {
        /// The condition: `no edit`, `α = +4 σ`.
        public var title: String
        /// The text, as the model wrote it.
        public var text: String
        /// The judges' findings, one per line: `agreeable: 4.5 of 5`.
        public var judgements: [String]

        /// Creates a column with a text and its title.
        public init(_ title: String, text: String, judgements: [String] = []) {
            self.title = title
            self.text = text
            self.judgements = judgements
        }
    }

    /// The prompt that the texts continue; shown once, above them.
    public var prompt: String
    /// The texts, from left to right.
    public var columns: [Column]
    /// The column that the others are compared with; `nil` for no highlighting.
    public var base: Int?

    /// - Parameters:
    ///   - columns: at least one.
    ///   - base: an index of `columns`; the default is the first, which usually holds the text without an edit.
    /// - Precondition: a comparison of texts needs at least one; `base` is one of the columns.
    public init(prompt: String, columns: [Column], base: Int? = 0) {
        precondition(!columns.isEmpty, "A comparison of texts needs at least one column.")
        precondition(base.map(columns.indices.contains) ?? true, "There is no column \(base ?? 0) to compare with.")
        self.prompt = prompt
        self.columns = columns
        self.base = base
    }

    /// A column's text in pieces, with those that differ from the base highlighted.
    func pieces(_ column: Int) -> [MarkupText.Piece] {
        let text = MarkupText.clean(columns[column].text)
        guard let base, base != column else { return [MarkupText.Piece(text: Substring(text))] }
        var pieces: [MarkupText.Piece] = []
        var end = text.startIndex
        for change in WordDifference.changes(from: MarkupText.clean(columns[base].text), to: text) {
            if end < change.lowerBound { pieces.append(MarkupText.Piece(text: text[end..<change.lowerBound])) }
            pieces.append(MarkupText.Piece(text: text[change], isMarked: true))
            end = change.upperBound
        }
        if end < text.endIndex || pieces.isEmpty { pieces.append(MarkupText.Piece(text: text[end...])) }
        return pieces
    }

    /// What the highlighting means, if there is any.
    var markNote: String? {
        guard let base, columns.count > 1 else { return nil }
        return "Marked: words that differ from “\(columns[base].title)”."
    }
}
