import DataFiles

/// Breaks a text that comes in pieces into lines that fit a terminal: what a model writes, while it writes.
///
/// A word is held back until it is complete, as only then it is known on which line it stands; the lines are those of
/// ``TextWrapping/wrap(_:width:)`` but for spaces at their ends, where one space stands between words.
public struct WrappedStream: Sendable {
    private let width: Int
    private var column = 0
    private var spaces = 0
    private var word = ""
    private var wordWidth = 0

    /// - Parameters:
    ///   - width: at least 2, so that a wide character fits.
    ///   - column: where on its line the text begins.
    public init(width: Int, column: Int = 0) {
        precondition(width >= 2, "Text can't be wrapped to \(width) columns.")
        self.width = width
        self.column = min(column, width)
    }

    /// What can be shown with this piece.
    public mutating func take(_ new: String) -> String {
        var shown = ""
        for character in TextWrapping.printable(new) {
            switch character {
            case "\n":
                shown += placedWord() + "\n"
                (column, spaces) = (0, 0)
            case " ":
                shown += placedWord()
                spaces += 1
            default:
                let own = DisplayWidth.columns(of: character)
                // A word wider than a line breaks inside of it.
                if wordWidth + own > width { shown += placedWord() }
                word.append(character)
                wordWidth += own
            }
        }
        return shown
    }

    /// What is left when the text is over.
    public mutating func finish() -> String { placedWord() }

    private mutating func placedWord() -> String {
        guard !word.isEmpty else { return "" }
        var shown = ""
        if column + spaces + wordWidth <= width {
            shown = String(repeating: " ", count: spaces)
            column += spaces + wordWidth
        } else {
            shown = column > 0 ? "\n" : ""
            column = wordWidth
        }
        shown += word
        (word, wordWidth, spaces) = ("", 0, 0)
        return shown
    }
}
