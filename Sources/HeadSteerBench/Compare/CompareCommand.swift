import ArgumentParser
import DataFiles
import Foundation

/// `headsteer-bench compare`: the whole table.
struct CompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Measure HeadSteer against its peers on one model.",
        discussion: """
            Each comparison is of runs that took turns, ours, theirs, ours, …; the result is the median of the ratios, the \
            spread the smallest and the largest. Never do two sides compute at the same time.
            """)

    @OptionGroup var model: ModelOptions
    @OptionGroup var peers: PeerOptions

    @Option(help: ArgumentHelp("How often each side runs.", valueName: "n"))
    var rounds = 7

    @Option(
        parsing: .upToNextOption,
        help: "Parts of the table: \(RowGroup.allCases.map(\.rawValue).joined(separator: " ")); all by default.")
    var rows: [RowGroup] = RowGroup.allCases

    @Option(help: ArgumentHelp("Write the table in Markdown, too.", valueName: "file"))
    var markdown: String?

    @Flag(help: "Show what the peers write on standard error.")
    var peerErrors = false

    func validate() throws {
        guard (1...1000).contains(rounds) else {
            throw ValidationError("--rounds is \(rounds); give a number from 1 to 1000")
        }
    }

    func run() throws {
        let own = try model.opened()
        let peerSet = PeerSet(model: model.model, threads: model.threads, options: peers, showsErrors: peerErrors)
        let comparison = Comparison(
            own: own, work: Workload(own.configuration), peers: peerSet, rounds: rounds, precision: model.precision)
        var table = ResultTable(precision: model.precision)
        for (done, group) in rows.enumerated() {
            Console.note("Measuring \(group.rawValue) (\(done + 1) of \(rows.count)) …")
            table.rows += try comparison.rows(group)
        }
        Console.output(table.text())
        let notes = Self.notes(own: own, model: model, versions: peerSet.versions, rounds: rounds)
        Console.output("\n" + notes)
        if let markdown {
            try AtomicOutput.write(Data("\(table.markdown())\n\n\(notes)\n".utf8), to: URL(filePath: markdown))
        }
    }

    /// What has to be known beside the numbers.
    private static func notes(own: OwnModel, model: ModelOptions, versions: [String], rounds: Int) -> String {
        """
        \(URL(filePath: own.path).lastPathComponent), precision \(model.precision.rawValue), \(model.threads) threads, \
        \(Machine.date), \(Machine.processor). Peers: \(versions.joined(separator: "; ")). Medians of \(rounds) rounds in turn.
        """
    }
}
