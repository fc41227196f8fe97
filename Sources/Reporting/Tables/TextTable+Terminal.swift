extension TextTable {
    /// The lines of the whole table, none wider than the terminal.
    ///
    /// Columns are as wide as their widest text if that fits. If it doesn't, titles and long texts take several lines.
    /// If that is not enough either, the columns are split into several blocks, each with the first column.
    public func rendered(_ style: TerminalStyle = .plain) -> String {
        let natural = columns.indices.map { column in
            max(DisplayWidth.of(columns[column].title), widestCell(column))
        }
        if total(natural) <= style.width { return block(Array(columns.indices), natural, style) }
        // Long texts are wrapped more tightly if that saves a block.
        let candidates = Self.wrapped.map { wrapped in
            columns.indices.map { min(leastWidth($0, wrapped: wrapped), style.width) }
        }.map { (widths: $0, blocks: blocks($0, width: style.width)) }
        guard let best = candidates.min(by: { $0.blocks.count < $1.blocks.count }) else { return "" }
        let least = best.widths
        return best.blocks.map { block in
            let widths = Self.widened(block.map { least[$0] }, towards: block.map { natural[$0] }, width: style.width)
            return self.block(block, widths, style)
        }.joined(separator: "\n\n")
    }

    /// The space between columns.
    private static let gap = 2
    /// Texts of up to this width stay on one line.
    private static let wrapped = [24, 12]

    private func total(_ widths: [Int]) -> Int { widths.reduce(0, +) + Self.gap * (widths.count - 1) }

    private func widestCell(_ column: Int) -> Int { rows.map { DisplayWidth.of($0[column]) }.max() ?? 0 }

    /// The width that a column needs: the longest word of its title, and its texts, of which long ones may take several
    /// lines.
    private func leastWidth(_ column: Int, wrapped: Int) -> Int {
        let title = columns[column].title.split(separator: " ").map { DisplayWidth.of($0) }.max() ?? 0
        let cells = rows.map { row in
            let width = DisplayWidth.of(row[column])
            // An interval stays on one line.
            let isText = columns[column].alignment == .left && row[column].contains(" ") && !row[column].contains(" … ")
            return isText ? min(width, wrapped) : width
        }
        return max(title, cells.max() ?? 0, 2)
    }

    /// The columns of each block: as many as fit, with the first column in every block.
    private func blocks(_ widths: [Int], width: Int) -> [[Int]] {
        var blocks = [[0]]
        for column in columns.indices.dropFirst() {
            let block = blocks[blocks.count - 1] + [column]
            if total(block.map { widths[$0] }) <= width {
                blocks[blocks.count - 1] = block
            } else if total([widths[0], widths[column]]) <= width, blocks[blocks.count - 1].count > 1 {
                blocks.append([0, column])
            } else {
                blocks.append([column])
            }
        }
        return blocks
    }

    /// Distributes the remaining width to the columns that need it, the narrowest first.
    private static func widened(_ widths: [Int], towards natural: [Int], width: Int) -> [Int] {
        var widths = widths
        var room = width - widths.reduce(0, +) - gap * (widths.count - 1)
        while room > 0,
            let next = widths.indices.filter({ widths[$0] < natural[$0] }).min(by: { widths[$0] < widths[$1] })
        {
            widths[next] += 1
            room -= 1
        }
        return widths
    }

    /// The lines of some columns.
    private func block(_ shown: [Int], _ widths: [Int], _ style: TerminalStyle) -> String {
        let titles = zip(shown, widths).map { TextWrapping.wrap(columns[$0].title, width: max($1, 2)) }
        let height = titles.map(\.count).max() ?? 1
        // Titles with fewer lines are placed directly above their column.
        let raised = titles.map { [String](repeating: "", count: height - $0.count) + $0 }
        let head = lines(raised, shown, widths).map(style.bold)
        let body = rows.flatMap { row in
            lines(zip(shown, widths).map { TextWrapping.wrap(row[$0], width: max($1, 2)) }, shown, widths)
        }
        return (head + body).joined(separator: "\n")
    }

    /// The lines of one row.
    private func lines(_ cells: [[String]], _ shown: [Int], _ widths: [Int]) -> [String] {
        (0..<(cells.map(\.count).max() ?? 1)).map { index in
            shown.indices.map { place in
                let text = index < cells[place].count ? cells[place][index] : ""
                return text.fitted(to: widths[place], rightAligned: columns[shown[place]].alignment == .right)
            }.joined(separator: String(repeating: " ", count: Self.gap)).trimmingTrailingSpaces()
        }
    }
}
