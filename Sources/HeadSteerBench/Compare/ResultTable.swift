import Reporting
import TensorCore

/// The rows of a comparison as a table.
struct ResultTable {
    var rows: [CompareRow] = []
    let precision: Precision

    private static let titles = ["work", "HeadSteer", "peer", "result", "spread", "goal", ""]

    private func cells(_ row: CompareRow) -> [String] {
        let met = row.goal.map { $0.isMet(by: row.result.median, precision) ? "✓" : "✗" }
        return [
            row.work, row.own, row.peer, row.text(row.result.median),
            row.result.lowest == row.result.highest
                ? "" : "\(row.text(row.result.lowest)) … \(row.text(row.result.highest))",
            row.goalText(precision), met ?? "",
        ]
    }

    /// For a terminal, however wide.
    func text() -> String {
        var table = TextTable(
            Self.titles.enumerated().map { .init($1, (3...4).contains($0) ? .right : .left) })
        for row in rows { table.add(cells(row)) }
        return table.rendered(TerminalStyle(width: 400))
    }

    /// In Markdown.
    func markdown() -> String {
        let lines = [Self.titles, ["---", "---", "---", "---:", "---:", "---", "---"]] + rows.map(cells)
        return lines.map { "| " + $0.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |" }
            .joined(separator: "\n")
    }
}
