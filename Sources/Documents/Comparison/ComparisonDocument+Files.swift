import DataFiles
import Foundation
import ModelComparison
import Reporting

extension ComparisonDocument {
    /// The part of the comparison that a terminal shows.
    public func text(_ style: TerminalStyle, tables: TerminalStyle) -> String {
        let changed = report.heads.filter(\.isChanged)
        var parts = weightMap.largest > 0 ? [weightMap.rendered(style)] : []
        parts += [
            report.findings.map { TextWrapping.wrap($0, width: max(style.width - 2, 20)).joined(separator: "\n  ") }
                .map { "- \($0)" }.joined(separator: "\n"),
            answerTable.rendered(tables), divergenceTable.rendered(tables),
        ]
        if let checks = report.texts?.judgeChecks { parts.append(TextTable.judges(checks).rendered(tables)) }
        if !changed.isEmpty, changed.count < report.heads.count {
            parts.append(
                weightTable(
                    changed.sorted { $0.weights.weightChange > $1.weights.weightChange }.prefix(shownRows)
                ).rendered(tables))
        }
        parts += report.notes.map {
            TextWrapping.wrap("note: \($0)", width: min(style.width, 100)).joined(separator: "\n")
        }
        return parts.joined(separator: "\n\n")
    }

    /// Writes the document as HTML and Markdown with its figures, the numbers as JSON, and the seconds as `times.json`.
    public func write(to folder: URL, _ numbers: some Encodable) throws {
        try document.write(to: folder, numbers, seconds: seconds)
    }
}
