import ArgumentParser
import TensorCore

/// `headsteer-bench compare`: the whole table.
struct CompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Measure HeadSteer against its peers, in both precisions.",
        discussion: """
            Each comparison is of runs that take turns: ours, theirs, ours, and so on. The result is the median of the \
            ratios, and the spread is the smallest and the largest. The two sides never compute at the same time. A \
            peer counts only if it is shown to compute the model: the token that it finds likeliest after a prompt \
            must be among our ten likeliest. A peer that is missing or doesn't run gets a row that says why.
            """)

    @Option(help: ArgumentHelp("The model.", valueName: "file"))
    var model = "Fixtures/fetched/SmolLM2-135M-Instruct.Q4_1.gguf"

    @Option(help: ArgumentHelp("The number of threads for each side.", valueName: "n"))
    var threads = 2

    @Option(
        parsing: .upToNextOption,
        help: "The precisions: \(Precision.allCases.map(\.rawValue).joined(separator: " ")); all by default.")
    var precisions = Precision.allCases

    @OptionGroup var peers: PeerOptions

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Other models to decode with, in the part models.", valueName: "file"))
    var otherModels = [
        "Fixtures/fetched/qwen2.5-coder-0.5b-instruct-q4_k_m.gguf", "Fixtures/fetched/gemma-3-270m-q4_k_m.gguf",
    ]

    @Option(
        help: ArgumentHelp(
            "A model of 7 billion weights for the part large, as written by make-model --shape llama-2-7b.",
            valueName: "file"))
    var largeModel = "Fixtures/fetched/random-llama-2-7b.Q4_0.gguf"

    @Option(
        help: ArgumentHelp(
            "The headsteer-bench of the first round for the part sweep, built from its commit.", valueName: "file"))
    var firstRound: String?

    @Option(help: ArgumentHelp("How many times each side runs.", valueName: "n"))
    var rounds = 5

    @Option(
        parsing: .upToNextOption,
        help: "Parts of the table: \(RowGroup.allCases.map(\.rawValue).joined(separator: " ")); all by default.")
    var rows: [RowGroup] = RowGroup.allCases

    @Option(help: ArgumentHelp("Also write the table in Markdown.", valueName: "file"))
    var markdown: String?

    @Flag(help: "Show what the peers write on standard error.")
    var peerErrors = false

    func validate() throws {
        guard (1...1000).contains(rounds), (1...1024).contains(threads) else {
            throw ValidationError("--rounds must be 1 to 1000, and --threads 1 to 1024")
        }
    }

    func run() throws {
        let own = try OwnModel(path: model, precision: .exact, threads: threads)
        let peerSet = PeerSet(
            model: model, threads: threads, options: peers, showsErrors: peerErrors, check: try PeerCheck(own))
        var tables = precisions.map { ResultTable(precision: $0) }
        for (done, group) in rows.enumerated() {
            for index in tables.indices {
                let precision = tables[index].precision
                Console.note("Measuring \(group.rawValue), \(precision.rawValue) (\(done + 1) of \(rows.count)) …")
                let comparison = Comparison(
                    own: own.with(precision: precision), work: Workload(own.configuration), peers: peerSet,
                    rounds: rounds, files: ComparedFiles(models: otherModels, large: largeModel, firstRound: firstRound)
                )
                tables[index].rows += try comparison.rows(group)
            }
        }
        try Report(tables: tables, own: own, versions: peerSet.versions, rounds: rounds).publish(markdown: markdown)
    }
}
