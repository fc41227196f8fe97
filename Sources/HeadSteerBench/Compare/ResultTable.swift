import Reporting
import TensorCore

/// The rows of a comparison as a table.
struct ResultTable {
    var rows: [CompareRow] = []
    let precision: Precision

    private static let titles = ["work", "HeadSteer", "peer", "result", "spread", "goal", ""]

    private func cells(_ row: CompareRow) -> [String] {
        guard let result = row.result else {
            return [row.work, row.own, row.peer, "not run", "", row.goalText(precision), row.goal == nil ? "" : "?"]
        }
        let met = row.goal.map { $0.isMet(by: result.median, precision) ? "✓" : "✗" }
        return [
            row.work, row.own, row.peer, row.text(result.median),
            result.lowest == result.highest ? "" : "\(row.text(result.lowest)) … \(row.text(result.highest))",
            row.goalText(precision), met ?? "",
        ]
    }

    /// The table for a terminal, without a limit on the width.
    func text() -> String {
        var table = TextTable(
            Self.titles.enumerated().map { .init($1, (3...4).contains($0) ? .right : .left) })
        for row in rows { table.add(cells(row)) }
        return table.rendered(TerminalStyle(width: 400))
    }

    /// The table in Markdown.
    func markdown() -> String { Self.markdown(Self.titles, rows.map(cells), rightAligned: 3...4) }

    /// The results for several precisions in one Markdown table.
    ///
    /// A row gives the work, the peer and, for each precision, our speed, the ratio and the goal.
    ///
    /// Rows are matched by their work and their order; the fastest peer may differ between precisions.
    static func markdown(sideBySide tables: [ResultTable]) -> String {
        let titles = ["work", "peer"] + tables.flatMap { [$0.precision.rawValue, "result", "goal"] }
        let count = tables.map(\.rows.count).max() ?? 0
        let rows = (0..<count).map { index in
            let first = tables.first { $0.rows.indices.contains(index) }?.rows[index]
            return [first?.work ?? "", first?.peer ?? ""]
                + tables.flatMap { table -> [String] in
                    guard table.rows.indices.contains(index), table.rows[index].work == first?.work else {
                        return ["", "", ""]
                    }
                    let cells = table.cells(table.rows[index])
                    return [cells[1], cells[3], [cells[5], cells[6]].filter { !$0.isEmpty }.joined(separator: " ")]
                }
        }
        return markdown(titles, rows, rightAligned: 2...1 + 3 * max(tables.count, 1))
    }

    private static func markdown(
        _ titles: [String], _ rows: [[String]], rightAligned: ClosedRange<Int>
    ) -> String {
        let rule = titles.indices.map { rightAligned.contains($0) ? "---:" : "---" }
        return ([titles, rule] + rows)
            .map { "| " + $0.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |" }
            .joined(separator: "\n")
    }
}
