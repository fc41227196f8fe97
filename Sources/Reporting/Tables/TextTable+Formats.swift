extension TextTable {
    /// The table in GitHub's Markdown.
    ///
    /// Texts are escaped, so that none is taken for markup. Columns are padded with spaces, so that the source is
    /// readable too.
    public func markdown() -> String {
        let cells = ([columns.map(\.title)] + rows).map { row in
            row.map { MarkupText.markdown($0, startsBlock: false) }
        }
        let widths = columns.indices.map { column in
            // Beyond this width, padding makes the source longer but not clearer.
            min(cells.map { DisplayWidth.of($0[column]) }.max() ?? 0, 40)
        }
        var lines = cells.map { row in
            let filled = row.indices.map { column in
                let size = max(widths[column], 3)
                let text = row[column]
                return DisplayWidth.of(text) >= size
                    ? text : text.fitted(to: size, rightAligned: columns[column].alignment == .right)
            }
            return "| \(filled.joined(separator: " | ")) |"
        }
        let rule = columns.indices.map { column in
            let dashes = String(repeating: "-", count: max(widths[column], 3) - 1)
            return columns[column].alignment == .right ? dashes + ":" : dashes + "-"
        }
        lines.insert("| \(rule.joined(separator: " | ")) |", at: 1)
        return lines.joined(separator: "\n")
    }

    /// The table as comma-separated values with a header (RFC 4180).
    public func csv() -> String {
        ([columns.map(\.title)] + rows).map { CommaSeparated.line($0) }.joined()
    }
}
