import ArgumentParser
import Foundation
import TensorCore

/// `headsteer-bench large`: the requirements for a model of 7 billion weights.
struct LargeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "large",
        abstract: "Measure a model of 7 billion weights: decoding against peers, memory, and a sweep of all its heads.",
        discussion: """
            Takes about a quarter of an hour on two cores. To make the model:
              headsteer-bench make-model --shape llama-2-7b --format q4_0
            """)

    @Option(help: ArgumentHelp("The model.", valueName: "file"))
    var model = "Fixtures/fetched/random-llama-2-7b.Q4_0.gguf"

    @Option(help: "The precision: \(Precision.allCases.map(\.rawValue).joined(separator: ", ")).")
    var precision = Precision.exact

    @Option(help: ArgumentHelp("The number of threads for each side.", valueName: "n"))
    var threads = 2

    @OptionGroup var peers: PeerOptions

    @Option(help: ArgumentHelp("How many times each side decodes.", valueName: "n"))
    var rounds = 3

    @Option(
        parsing: .upToNextOption,
        help: "Parts: \(Part.allCases.map(\.rawValue).joined(separator: " ")); all by default.")
    var rows: [Part] = Part.allCases

    @Option(help: ArgumentHelp("Also write the table in Markdown.", valueName: "file"))
    var markdown: String?

    enum Part: String, CaseIterable, ExpressibleByArgument {
        case decode, memory, sweep
    }

    func validate() throws {
        guard (1...1000).contains(rounds), (1...1024).contains(threads) else {
            throw ValidationError("--rounds must be 1 to 1000, and --threads 1 to 1024")
        }
    }

    func run() throws {
        let own = try OwnModel(path: model, precision: precision, threads: threads)
        let peerSet = PeerSet(
            model: model, threads: threads, options: peers, showsErrors: false, check: try PeerCheck(own), context: 512)
        var comparison = Comparison(
            own: own, work: Workload(own.configuration), peers: peerSet, rounds: rounds)
        comparison.keepsOneRival = true
        var table = ResultTable(precision: precision)
        for part in rows {
            Console.note("Measuring \(part.rawValue) …")
            switch part {
            case .decode: table.rows += try comparison.largeDecodeRows()
            case .memory: table.rows.append(try comparison.residentRow())
            case .sweep: table.rows.append(try sweep(own))
            }
        }
        try Report(tables: [table], own: own, versions: peerSet.versions, rounds: rounds)
            .publish(markdown: markdown)
    }

    private func sweep(_ own: OwnModel) throws -> CompareRow {
        let sweep = Workload(own.configuration).sweep(prompts: 8, length: 32)
        let seconds = try Console.stage("Heads", total: sweep.edits.count) { progress in
            try own.sweepSeconds(sweep, onProgress: progress)
        }
        return CompareRow(
            "causal sweep, \(sweep.edits.count) heads × 8 prompts of 32 tokens",
            own: CompareRow.rate(Double(sweep.edits.count) / seconds, "heads/s"), result: Spread([seconds]),
            scale: .seconds, goal: .atMost(600))
    }
}
