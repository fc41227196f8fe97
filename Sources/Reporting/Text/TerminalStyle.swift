import DataFiles

/// The width of the output and whether it may use colour, so that a report suits terminals and files.
public struct TerminalStyle: Sendable, Equatable {
    /// Whether the 256-colour sequences (ESC [ 38 ; 5 ; n m) are used.
    public var usesColour: Bool
    /// The number of columns.
    public var width: Int

    /// - Parameter width: the number of columns; the default, 80, is for terminals that don't report theirs.
    /// - Precondition: at least one column.
    public init(usesColour: Bool = false, width: Int = 80) {
        precondition(width >= 1, "A terminal has at least one column, not \(width).")
        self.usesColour = usesColour
        self.width = width
    }

    /// Plain text with 80 columns.
    public static let plain = TerminalStyle()

    /// The text in bold, if colour may be used.
    public func bold(_ text: String) -> String { usesColour ? "\u{1B}[1m\(text)\u{1B}[0m" : text }

    /// The text dimmed, if colour may be used.
    public func dim(_ text: String) -> String { usesColour ? "\u{1B}[2m\(text)\u{1B}[0m" : text }

    /// The text in a colour of the 256-colour palette.
    func coloured(_ text: String, _ colour: Int) -> String {
        usesColour ? "\u{1B}[38;5;\(colour)m\(text)\u{1B}[0m" : text
    }

    /// The text on a background of the 256-colour palette, in black or white.
    func painted(_ text: String, background: Int, isDark: Bool, bold: Bool) -> String {
        guard usesColour else { return text }
        return "\u{1B}[\(bold ? "1;" : "")38;5;\(isDark ? 231 : 16);48;5;\(background)m\(text)\u{1B}[0m"
    }
}
