import Auditing
import DataFiles
import Documents
import Foundation

extension AuditCommand {
    /// Writes the report and shows it.
    func write(
        _ output: AuditOutput, to folder: URL, _ prepared: PreparedData, _ contrast: DataFile?, _ console: Console
    ) throws {
        let (file, report) = (prepared.file, output.report)
        let document = AuditDocument(
            title: "Audit of \(file.name)",
            facts: [
                ("model", URL(filePath: model.model).lastPathComponent), ("data", "\(file.name), \(file.digest)"),
                ("effects measured on", contrast.map { "\($0.name), \($0.digest)" } ?? "the other half of the data"),
                ("prompt that asks for it", report.evaluation?.prompt?.instruction ?? "none"),
                (
                    "cost measured on",
                    neutral.neutral.map { URL(filePath: $0).lastPathComponent } ?? "the protocol's sentences"
                ),
                ("protocol", AuditProtocol.version),
                ("program", "\(Version.text), precision \(common.precision.rawValue), seed \(seed.seed)"),
            ] + (prepared.template?.facts ?? []), report: report)
        try document.write(
            to: folder, WithFields(value: output, precision: common.precision, template: prepared.template))
        if common.json {
            return try console.json(output, precision: common.precision, template: prepared.template)
        }
        console.output(document.text(console.style, tables: console.tableStyle))
        let page = "view \(ShellWord.path(out)) --model \(ShellWord.path(model.model)) --out page.html"
        console.close(
            wrote: [("report", "\(out)/report.html, report.md, report.json"), ("plan", "\(out)/plan.json")],
            next: ["\(ShellWord.program) \(page)"])
    }
}
