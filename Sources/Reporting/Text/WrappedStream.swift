import DataFiles

/// Breaks a text that arrives in pieces, such as a model's output, into lines that fit a terminal.
///
/// A word is held back until it is complete, because only then is its line known. If words are separated by single
/// spaces, the lines are those of ``TextWrapping/wrap(_:width:)``, apart from spaces at line ends.
public struct WrappedStream: Sendable {
    private let width: Int
    private var column = 0
    private var spaces = 0
    private var word = ""
    private var wordWidth = 0

    /// - Parameters:
    ///   - width: the width of a line, at least 2, so that a wide character fits.
    ///   - column: the column at which the text begins.
    public init(width: Int, column: Int = 0) {
        precondition(width >= 2, "Text can't be wrapped to \(width) columns.")
        self.width = width
        self.column = min(column, width)
    }

    /// Adds a piece of text and returns what can now be shown.
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
                // A word that is wider than a line breaks inside.
                if wordWidth + own > width { shown += placedWord() }
                word.append(character)
                wordWidth += own
            }
        }
        return shown
    }

    /// The remaining text at the end.
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
