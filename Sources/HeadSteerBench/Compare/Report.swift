import DataFiles
import Foundation
import TensorCore

/// A table and what has to be known beside its numbers.
struct Report {
    let table: ResultTable
    let own: OwnModel
    let precision: Precision
    /// Those of the peers that ran.
    let versions: [String]
    let rounds: Int

    /// Prints the report, and writes it in Markdown where a file is named.
    ///
    /// - Throws: `InputError` where the file can't be written.
    func publish(markdown: String?) throws {
        try Console.output("\(table.text())\n\n\(notes)")
        guard let markdown else { return }
        try AtomicOutput.write(Data("\(table.markdown())\n\n\(notes)\n".utf8), to: URL(filePath: markdown))
    }

    private var notes: String {
        var sentences = [
            """
            \(URL(filePath: own.path).lastPathComponent), precision \(precision.rawValue), \(own.workers.count) threads, \
            \(Machine.date), \(Machine.processor).
            """
        ]
        if !versions.isEmpty { sentences.append("Peers: \(versions.joined(separator: "; ")).") }
        sentences.append("Runs took turns; medians of \(rounds) rounds.")
        return sentences.joined(separator: " ")
    }
}
