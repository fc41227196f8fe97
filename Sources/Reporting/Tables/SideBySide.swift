import DataFiles

/// Texts side by side, each wrapped to its own column: the same prompt continued at several strengths.
///
/// If the terminal is too narrow for readable columns, the texts are stacked.
public struct SideBySide: Sendable {
    /// The columns' titles: `−8`, `0`, `+8`.
    public var titles: [String]
    /// The width of the narrowest column that is still readable.
    public var smallestColumn: Int

    /// - Parameter smallestColumn: the smallest width of a column; the default, 20, holds three or four words.
    /// - Precondition: texts side by side need at least one column; columns need a width of at least two.
    public init(titles: [String], smallestColumn: Int = 20) {
        precondition(!titles.isEmpty, "Texts side by side need at least one column.")
        precondition(smallestColumn >= 2, "A column needs at least two places, not \(smallestColumn).")
        self.titles = titles
        self.smallestColumn = smallestColumn
    }

    /// The texts of one row below their titles, one for each title.
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
