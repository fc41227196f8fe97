import DataFiles

/// A table of text with aligned columns.
///
/// ```
/// head   AUROC  95% interval
/// 12.8   0.981  0.95 … 0.99
/// ```
public struct TextTable: Sendable {
    /// On which side a column's texts stand.
    public enum Alignment: Sendable {
        /// For words.
        case left
        /// For numbers, so that their digits stand below each other.
        case right
    }

    /// A column: its title and its alignment.
    public struct Column: Sendable {
        /// The heading.
        public var title: String
        /// On which side its texts stand.
        public var alignment: Alignment

        /// A column, of words unless said otherwise.
        public init(_ title: String, _ alignment: Alignment = .left) {
            self.title = title
            self.alignment = alignment
        }
    }

    /// The columns, from left to right.
    public var columns: [Column]
    /// The rows; each has one text a column.
    public private(set) var rows: [[String]] = []

    /// A table without rows.
    ///
    /// - Precondition: at least one column.
    public init(_ columns: [Column]) {
        precondition(!columns.isEmpty, "A table needs at least one column.")
        self.columns = columns
    }

    /// Adds a row at the end.
    ///
    /// - Precondition: a text for each column.
    public mutating func add(_ row: [String]) {
        precondition(
            row.count == columns.count, "A row of a table with \(columns.count) columns can't have \(row.count).")
        rows.append(row.map { TextWrapping.printable($0).replacing("\n", with: "⏎") })
    }

    /// The table's lines. Columns are as wide as their widest text; what goes past the terminal's width is cut.
    public func rendered(_ style: TerminalStyle = .plain) -> String {
        let widths = columns.indices.map { column in
            rows.reduce(DisplayWidth.of(columns[column].title)) { max($0, DisplayWidth.of($1[column])) }
        }
        let head = style.bold(line(columns.map(\.title), widths, style))
        return ([head] + rows.map { line($0, widths, style) }).joined(separator: "\n")
    }

    private func line(_ texts: [String], _ widths: [Int], _ style: TerminalStyle) -> String {
        let cells = texts.indices.map {
            texts[$0].fitted(to: widths[$0], rightAligned: columns[$0].alignment == .right)
        }
        var line = cells.joined(separator: "  ")
        while line.last == " " { line.removeLast() }
        return line.truncated(to: style.width)
    }
}
