import DataFiles

/// Breaks texts into lines that fit a terminal.
public enum TextWrapping {
    /// The lines of a text, each at most `width` columns wide.
    ///
    /// Lines break at spaces, or inside a word that is wider than a line. The text's own line breaks stay. An empty
    /// text is one empty line. O(length).
    ///
    /// - Parameter width: the width of a line, at least 2, so that a wide character fits.
    /// - Precondition: at least two columns.
    public static func wrap(_ text: String, width: Int) -> [String] {
        precondition(width >= 2, "Text can't be wrapped to \(width) columns.")
        return printable(text).split(separator: "\n", omittingEmptySubsequences: false).flatMap { line in
            wrapLine(line, width: width)
        }
    }

    /// The text without characters that move the cursor or change the state of a terminal.
    ///
    /// Tabs become spaces and carriage returns line breaks. Other control characters become U+FFFD, and so do
    /// characters that reorder the text around them (the explicit embeddings, overrides and isolates of Unicode
    /// Standard Annex 9). A model's output may contain any of these.
    public static func printable(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "\r\n", "\n", "\r", "\u{2028}", "\u{2029}": result.append("\n")
            case "\t": result.append("    ")
            default:
                result.append(character.unicodeScalars.contains(where: disturbs) ? "\u{FFFD}" : character)
            }
        }
        return result
    }

    private static func disturbs(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x202A...0x202E, 0x2066...0x2069: true
        default: scalar.properties.generalCategory == .control
        }
    }

    private static func wrapLine(_ line: Substring, width: Int) -> [String] {
        var lines: [String] = []
        var current = ""
        var columns = 0
        for (index, word) in line.split(separator: " ", omittingEmptySubsequences: false).enumerated() {
            let size = DisplayWidth.of(word)
            if index > 0 {
                if columns + 1 + size <= width {
                    current += " " + word
                    columns += 1 + size
                    continue
                }
                lines.append(current)
                (current, columns) = ("", 0)
            }
            for character in word {
                let own = DisplayWidth.columns(of: character)
                if columns + own > width {
                    lines.append(current)
                    (current, columns) = ("", 0)
                }
                current.append(character)
                columns += own
            }
        }
        return lines + [current]
    }
}
