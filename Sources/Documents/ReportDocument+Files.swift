import DataFiles
import Foundation
import Reporting

extension ReportDocument {
    /// Writes `report.html`, `report.md` with its figures in `figures`, and the numbers as JSON.
    ///
    /// The numbers come last: if they exist, so does the rest.
    ///
    /// - Parameter seconds: the time that each stage took, for a separate file, `times.json`; all other files have the
    ///   same bytes in every run.
    func write(
        to folder: URL, _ numbers: some Encodable, numbersName: String = "report.json", seconds: [StageSeconds] = []
    ) throws {
        try AtomicOutput.makeFolder(folder.appending(path: "figures"))
        for figure in figureFiles() {
            try AtomicOutput.write(Data(figure.svg.utf8), to: folder.appending(path: "figures/\(figure.name)"))
        }
        try AtomicOutput.write(Data(html().utf8), to: folder.appending(path: "report.html"))
        let markdown = markdown { "figures/\($0)" }
        try AtomicOutput.write(Data(markdown.utf8), to: folder.appending(path: "report.md"))
        if !seconds.isEmpty {
            try AtomicOutput.write(try JSONEncoder.indented.encode(seconds), to: folder.appending(path: "times.json"))
        }
        try AtomicOutput.write(try JSONEncoder.indented.encode(numbers), to: folder.appending(path: numbersName))
    }
}
