/// How many columns of a terminal a text takes.
///
/// Combining marks and other characters without a width of their own take none, wide East Asian characters and emoji two
/// (Unicode Standard Annex 11), control characters and colour sequences none, everything else one. Characters of
/// ambiguous width count as one, as terminals outside of East Asia show them.
public enum DisplayWidth {
    /// The columns that a text takes on one line. O(length).
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
        return hasEmojiSelector && widest > 0 && character.unicodeScalars.count > 1 ? 2 : widest
    }

    private static func columns(of scalar: Unicode.Scalar) -> Int {
        let value = scalar.value
        if value < 0x7F { return value >= 0x20 ? 1 : 0 }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format, .control, .lineSeparator, .paragraphSeparator, .surrogate:
            return 0
        default: break
        }
        // The second and third parts of a Hangul syllable join the first.
        if (0x1160...0x11FF).contains(value) { return 0 }
        return wide.contains { $0.contains(value) } ? 2 : 1
    }

    /// The blocks of wide characters.
    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x231A...0x231B, 0x2329...0x232A, 0x23E9...0x23EC, 0x25FD...0x25FE, 0x2614...0x2615,
        0x2648...0x2653, 0x26AA...0x26AB, 0x26BD...0x26BE, 0x26C4...0x26C5, 0x2705...0x2705, 0x270A...0x270B,
        0x2728...0x2728, 0x274C...0x274C, 0x2753...0x2755, 0x2795...0x2797, 0x2B1B...0x2B1C, 0x2B50...0x2B50,
        0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF, 0xA960...0xA97F,
        0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F1E6...0x1F1FF,
        0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1F9FF, 0x1FA70...0x1FAFF, 0x20000...0x3FFFD,
    ]

    /// Where in a colour sequence (ESC [ … letter) a text is.
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
    /// Cuts or fills the text with spaces to exactly `width` columns.
    func fitted(to width: Int, rightAligned: Bool = false) -> String {
        let text = DisplayWidth.of(self) > width ? truncated(to: width) : self
        let filling = String(repeating: " ", count: max(width - DisplayWidth.of(text), 0))
        return rightAligned ? filling + text : text + filling
    }

    /// The text as it is, or as much of it as leaves room for an ellipsis.
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
