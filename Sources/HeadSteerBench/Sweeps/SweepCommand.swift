import ArgumentParser
import Foundation
import Reporting

/// `headsteer-bench sweep`: the time that a causal sweep takes on any model.
struct SweepCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sweep",
        abstract: "Time a causal sweep: each head of a model edited by itself, over some prompts.",
        discussion: """
            Example, all 1,024 heads of a model in the shape of Llama-2-7B:
              headsteer-bench sweep --model Fixtures/fetched/random-llama-2-7b.Q4_0.gguf --prompts 8 --tokens 32
            """)

    @OptionGroup var model: ModelOptions

    @Option(help: ArgumentHelp("The number of prompts of random tokens.", valueName: "n"))
    var prompts = 8

    @Option(help: ArgumentHelp("The number of tokens in each prompt.", valueName: "n"))
    var tokens = 32

    @Option(help: ArgumentHelp("The number of heads, evenly spread over the model; all by default.", valueName: "n"))
    var heads: Int?

    @Option(help: "The seed of the prompts.")
    var seed: UInt64 = 0

    func validate() throws {
        try check(
            ("prompts", prompts, 1...1_000_000), ("tokens", tokens, 1...1_000_000), ("heads", heads ?? 1, 1...1_000_000)
        )
    }

    func run() throws {
        let own = try model.opened()
        try own.checkContext(tokens)
        let work = Workload(own.configuration, seed: seed).sweep(prompts: prompts, length: tokens, heads: heads)
        let seconds = try Console.stage("Heads", total: work.edits.count) { progress in
            try own.sweepSeconds(work, onProgress: progress)
        }
        try Console.output(
            String(
                format: "%d heads × %d prompts of %d tokens: %.1f s, %.2f heads/s, peak of memory %.2f GB",
                work.edits.count, prompts, tokens, seconds, Double(work.edits.count) / seconds,
                Double(PeakMemory.bytes()) / 1e9))
    }
}
