/// Shows any text in HTML, XML and Markdown, so that a model's output is never taken for markup.
package enum MarkupText {
    /// A stretch of text, and whether it is highlighted.
    struct Piece: Equatable {
        var text: Substring
        var isMarked = false
    }

    /// The text for documents, with control characters replaced as in `TextWrapping.printable` and without empty lines
    /// at both ends.
    static func clean(_ text: String) -> String {
        let lines = TextWrapping.printable(text).split(separator: "\n", omittingEmptySubsequences: false)
        let isFilled = { (line: Substring) in line.contains { $0 != " " } }
        guard let first = lines.firstIndex(where: isFilled), let last = lines.lastIndex(where: isFilled) else {
            return ""
        }
        return lines[first...last].joined(separator: "\n")
    }

    /// A text as character data or an attribute value in HTML and XML.
    ///
    /// Line breaks stay. Characters that XML can't hold, or that reorder the text around them, become U+FFFD.
    package static func xml(_ text: some StringProtocol) -> String {
        var result = ""
        for scalar in TextWrapping.printable(String(text)).unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "\u{FFFE}", "\u{FFFF}": result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// A text as one line of Markdown (CommonMark, and GitHub's tables, strikethrough, formulas and links for bare
    /// addresses).
    ///
    /// All characters that could begin markup are escaped: with a backslash, or with entities where the HTML in
    /// Markdown would take them for a tag. Line breaks become `<br>`, and spaces at the start of a line become spaces
    /// that don't collapse. Empty lines at both ends are left out.
    ///
    /// - Parameter startsBlock: whether the text is at the start of a paragraph or list item, where it could begin a
    ///   list.
    static func markdown(_ text: String, startsBlock: Bool = true) -> String {
        markdown([Piece(text: Substring(clean(text)))], startsBlock: startsBlock)
    }

    /// The pieces of a clean text as one line of Markdown, with the highlighted ones in bold.
    static func markdown(_ pieces: [Piece], startsBlock: Bool = true) -> String {
        var result = ""
        var isLineStart = true
        for piece in pieces {
            for (index, line) in piece.text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
                if index > 0 {
                    result += "<br>"
                    isLineStart = true
                }
                guard !line.isEmpty else { continue }
                let rest = isLineStart ? line.drop { $0 == " " } : line
                let indent = String(repeating: "&nbsp;", count: line.count - rest.count)
                let escaped =
                    indent + markdown(line: rest, startsBlock: startsBlock && result.isEmpty && indent.isEmpty)
                result += piece.isMarked ? "<b>\(escaped)</b>" : escaped
                isLineStart = false
            }
        }
        return result
    }

    private static func markdown(line: Substring, startsBlock: Bool) -> String {
        var result = ""
        // The sign or number of a list has a meaning only at the start.
        var (isFirst, isNumber) = (startsBlock, startsBlock)
        for scalar in line.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\u{FFFE}", "\u{FFFF}": result += "\u{FFFD}"
            case "\\", "`", "*", "_", "[", "]", "|", "~", "$", "#": result += "\\\(scalar)"
            // Without this, bare addresses would become links.
            case ":" where line.contains("://"): result += "\\:"
            case "." where line.contains("www") || isNumber && !isFirst: result += "\\."
            case ")" where isNumber && !isFirst: result += "\\)"
            case "+", "-", "=": result += isFirst ? "\\\(scalar)" : "\(scalar)"
            default: result.unicodeScalars.append(scalar)
            }
            isFirst = false
            isNumber = isNumber && ("0"..."9").contains(scalar)
        }
        return result
    }

    /// A text between fences that are longer than any fence in it.
    static func fenced(_ text: String) -> String {
        var (longest, current) = (2, 0)
        for character in text {
            current = character == "`" ? current + 1 : 0
            longest = max(longest, current)
        }
        let fence = String(repeating: "`", count: longest + 1)
        return "\(fence)text\n\(TextWrapping.printable(text))\n\(fence)"
    }

    /// A path as the target of a link, with characters that addresses can't hold encoded.
    static func link(_ path: String) -> String {
        path.utf8.map { byte in
            let isPlain = byte < 0x80 && (Character(Unicode.Scalar(byte)).isLetter || (0x30...0x39).contains(byte))
            if isPlain || "-._~/:".utf8.contains(byte) { return String(Character(Unicode.Scalar(byte))) }
            let digits = String(byte, radix: 16, uppercase: true)
            return "%" + (digits.count == 1 ? "0" : "") + digits
        }.joined()
    }
}
