import DataFiles

/// Texts beside each other, each wrapped to a column of its own: the same prompt continued at several strengths.
///
/// Where the terminal is too narrow for columns of a readable width, the texts stand below each other.
public struct SideBySide: Sendable {
    /// The columns' titles: `−8`, `0`, `+8`.
    public var titles: [String]
    /// The narrowest column that reads well.
    public var smallestColumn: Int

    /// - Parameter smallestColumn: the default, 20, holds three or four words.
    /// - Precondition: texts side by side need at least one column; columns of at least two places.
    public init(titles: [String], smallestColumn: Int = 20) {
        precondition(!titles.isEmpty, "Texts side by side need at least one column.")
        precondition(smallestColumn >= 2, "A column needs at least two places, not \(smallestColumn).")
        self.titles = titles
        self.smallestColumn = smallestColumn
    }

    /// The texts of one row, one for each title, below their titles.
    ///
    /// - Precondition: a text for each column.
    public func rendered(_ texts: [String], _ style: TerminalStyle = .plain) -> String {
        precondition(texts.count == titles.count, "There are \(titles.count) columns and \(texts.count) texts.")
        let separator = " │ "
        let width = (style.width - separator.count * (titles.count - 1)) / titles.count
        return width >= smallestColumn
            ? columns(texts, width: width, separator: separator, style) : stacked(texts, style)
    }

    private func columns(_ texts: [String], width: Int, separator: String, _ style: TerminalStyle) -> String {
        let wrapped = texts.map { TextWrapping.wrap($0, width: width) }
        var lines = [titles.map { style.bold($0.fitted(to: width)) }.joined(separator: separator)]
        lines.append(
            titles.map { _ in String(repeating: "─", count: width) }.joined(separator: "─┼─"))
        for index in 0..<(wrapped.map(\.count).max() ?? 0) {
            lines.append(
                wrapped.map { (index < $0.count ? $0[index] : "").fitted(to: width) }.joined(separator: separator))
        }
        return lines.map { $0.trimmingTrailingSpaces() }.joined(separator: "\n")
    }

    private func stacked(_ texts: [String], _ style: TerminalStyle) -> String {
        let label = titles.map { DisplayWidth.of($0) }.max() ?? 0
        let width = max(style.width - label - 2, 2)
        var lines: [String] = []
        for (title, text) in zip(titles, texts) {
            for (index, line) in TextWrapping.wrap(text, width: width).enumerated() {
                let name = (index == 0 ? title : "").fitted(to: label)
                lines.append("\(index == 0 ? style.bold(name) : name)  \(line)".trimmingTrailingSpaces())
            }
        }
        return lines.joined(separator: "\n")
    }
}

extension String {
    func trimmingTrailingSpaces() -> String {
        var text = self
        while text.last == " " { text.removeLast() }
        return text
    }
}
