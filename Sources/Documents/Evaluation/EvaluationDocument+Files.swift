import DataFiles
import Foundation
import Reporting

extension EvaluationDocument {
    /// The part of the evaluation that a terminal shows.
    ///
    /// - Parameter tables: the style of tables with many columns.
    public func text(_ style: TerminalStyle, tables: TerminalStyle) -> String {
        var parts = [
            scoreTable.rendered(tables), controlTable.rendered(tables), sideEffectTable.rendered(tables),
        ]
        if let checks = report.judgeChecks { parts.append(TextTable.judges(checks).rendered(tables)) }
        if let doses {
            parts.append(Self.plot(doses, title: "Dose and response").rendered(style))
            parts.append(Self.table(doses).rendered(tables))
        }
        parts.append(TextWrapping.wrap(summary, width: min(style.width, 100)).joined(separator: "\n"))
        let wrong = report.paired.movedWrongWay
        parts.append(
            NumberText.format(
                "moved the wrong way  %.0f%% of %d items [%.0f%%, %.0f%%]", wrong.share * 100, report.items,
                wrong.ciLow * 100, wrong.ciHigh * 100)
                + NumberText.format("\nseconds              %.1f", seconds.reduce(0) { $0 + $1.seconds }))
        return parts.joined(separator: "\n\n")
    }

    /// Writes the document as HTML and Markdown with its figures, the numbers as JSON, and the seconds as `times.json`.
    public func write(to folder: URL, _ numbers: some Encodable, numbersName: String = "report.json") throws {
        try document.write(to: folder, numbers, numbersName: numbersName, seconds: seconds)
    }
}
