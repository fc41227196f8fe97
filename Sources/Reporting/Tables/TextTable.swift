import DataFiles

/// A table of text with aligned columns.
///
/// ```
/// head   AUROC  95% interval
/// 12.8   0.981  0.95 … 0.99
/// ```
public struct TextTable: Sendable {
    /// The side on which a column's texts are aligned.
    public enum Alignment: Sendable {
        /// For words.
        case left
        /// For numbers, so that their digits line up.
        case right
    }

    /// A column: its title and its alignment.
    public struct Column: Sendable {
        /// The heading.
        public var title: String
        /// The side on which its texts are aligned.
        public var alignment: Alignment

        /// Creates a column, aligned left by default.
        public init(_ title: String, _ alignment: Alignment = .left) {
            self.title = title
            self.alignment = alignment
        }
    }

    /// The columns, from left to right.
    public var columns: [Column]
    /// The rows; each has one text per column.
    public private(set) var rows: [[String]] = []

    /// Creates a table without rows.
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
            row.count == columns.count, "A row of a table with \(columns.count) columns can't have \(row.count) cells.")
        rows.append(row.map { TextWrapping.printable($0).replacing("\n", with: "⏎") })
    }

    /// The table without columns that are empty in every row.
    public func withoutEmptyColumns() -> TextTable {
        let kept = columns.indices.filter { column in rows.isEmpty || rows.contains { !$0[column].isEmpty } }
        guard !kept.isEmpty else { return self }
        var table = TextTable(kept.map { columns[$0] })
        table.rows = rows.map { row in kept.map { row[$0] } }
        return table
    }
}
