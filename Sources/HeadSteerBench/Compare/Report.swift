import DataFiles
import Foundation

/// Tables, one for each precision, with the notes needed to understand their numbers.
struct Report {
    let tables: [ResultTable]
    let own: OwnModel
    /// The versions of the peers that ran.
    let versions: [String]
    let rounds: Int

    /// Prints the tables one by one and, if a file is named, writes them there side by side in Markdown.
    ///
    /// - Throws: `InputError` if the file can't be written.
    func publish(markdown: String?) throws {
        let texts = tables.map { "\($0.precision.rawValue)\n\($0.text())" }
        try Console.output((texts + [notes]).joined(separator: "\n\n"))
        guard let markdown else { return }
        let table = tables.count == 1 ? tables[0].markdown() : ResultTable.markdown(sideBySide: tables)
        try AtomicOutput.write(Data("\(table)\n\n\(notes)\n".utf8), to: URL(filePath: markdown))
    }

    private var notes: String {
        var sentences = [
            """
            \(URL(filePath: own.path).lastPathComponent), \(own.workers.count) threads, \
            \(Machine.date), \(Machine.processor); it has \(Machine.features.joined(separator: ", ")).
            """
        ]
        if !versions.isEmpty { sentences.append("Peers: \(versions.joined(separator: "; ")).") }
        sentences.append("Runs took turns; medians of \(rounds) rounds.")
        return sentences.joined(separator: " ")
    }
}
