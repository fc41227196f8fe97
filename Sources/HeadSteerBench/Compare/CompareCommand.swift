import ArgumentParser

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
    var rounds = 5

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
        try Report(table: table, own: own, precision: model.precision, versions: peerSet.versions, rounds: rounds)
            .publish(markdown: markdown)
    }
}
