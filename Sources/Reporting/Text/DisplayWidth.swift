/// The number of terminal columns that a text takes.
///
/// Combining marks and other characters without a width of their own take no columns, and neither do control characters
/// and colour sequences. Wide East Asian characters and emoji take two (Unicode Standard Annex 11), and everything else
/// takes one. Characters of ambiguous width count as one, as in terminals outside East Asia.
public enum DisplayWidth {
    /// The columns that a text takes on one line.
    ///
    /// O(length).
    public static func of(_ text: some StringProtocol) -> Int {
        var width = 0
        var escape = Escape.none
        for character in text {
            if escape.swallows(character) { continue }
            width += columns(of: character)
        }
        return width
    }

    /// The columns that one character takes: 0, 1 or 2.
    public static func columns(of character: Character) -> Int {
        var widest = 0
        var hasEmojiSelector = false
        for scalar in character.unicodeScalars {
            if scalar.value == 0xFE0F { hasEmojiSelector = true }
            widest = max(widest, columns(of: scalar))
        }
        let isFlag = character.unicodeScalars.count == 2 && character.unicodeScalars.allSatisfy(Self.isRegional)
        return isFlag || (hasEmojiSelector && widest > 0) ? 2 : widest
    }

    /// Whether the scalar is one of the letters that make flags in pairs.
    private static func isRegional(_ scalar: Unicode.Scalar) -> Bool { (0x1F1E6...0x1F1FF).contains(scalar.value) }

    private static func columns(of scalar: Unicode.Scalar) -> Int {
        let value = scalar.value
        if value < 0x7F { return value >= 0x20 ? 1 : 0 }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format, .control, .lineSeparator, .paragraphSeparator, .surrogate:
            return 0
        default: break
        }
        // The second and third parts of a Hangul syllable combine with the first.
        if (0x1160...0x11FF).contains(value) { return 0 }
        return WideCharacters.contains(value) ? 2 : 1
    }

    /// The position in a colour sequence (ESC [ … letter).
    private enum Escape {
        case none, begun, inside

        mutating func swallows(_ character: Character) -> Bool {
            switch self {
            case .none:
                if character == "\u{1B}" { self = .begun }
                return self != .none
            case .begun:
                self = character == "[" ? .inside : .none
                return true
            case .inside:
                if character.isLetter { self = .none }
                return true
            }
        }
    }
}

extension String {
    /// Truncates the text, or pads it with spaces, to exactly `width` columns.
    func fitted(to width: Int, rightAligned: Bool = false) -> String {
        let text = DisplayWidth.of(self) > width ? truncated(to: width) : self
        let filling = String(repeating: " ", count: max(width - DisplayWidth.of(text), 0))
        return rightAligned ? filling + text : text + filling
    }

    /// The text, cut to leave room for an ellipsis if it is too long.
    public func truncated(to width: Int) -> String {
        guard DisplayWidth.of(self) > width else { return self }
        guard width > 0 else { return "" }
        var kept = ""
        var columns = 0
        for character in self {
            columns += DisplayWidth.columns(of: character)
            if columns > width - 1 { break }
            kept.append(character)
        }
        return kept + "…"
    }
}
