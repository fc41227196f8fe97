import ArgumentParser
import Foundation
import Reporting
import Transformer

/// `headsteer-bench one-run`: started by the other commands to measure a whole process.
struct OneRunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "one-run",
        abstract: "Open a model, read a prompt and generate; print the first token's time and the peak of memory.",
        shouldDisplay: false)

    @OptionGroup var model: ModelOptions

    @Option(help: ArgumentHelp("The number of tokens in the prompt.", valueName: "n"))
    var promptTokens = 8

    @Option(help: ArgumentHelp("The number of tokens to generate after it.", valueName: "n"))
    var generateTokens = 0

    func run() throws {
        let clock = ContinuousClock()
        let start = clock.now
        let own = try model.opened()
        try own.checkContext(promptTokens + generateTokens)
        let run = Run(own.model, workers: own.workers)
        run.sequences = [own.model.makeSequence(promptCount: promptTokens)]
        var token = try Self.next(run, Workload(own.configuration).tokens(promptTokens))
        let seconds = (clock.now - start) / .seconds(1)
        for _ in 0..<generateTokens { token = try Self.next(run, [token]) }
        try Console.output("{\"token\": \(token), \"seconds\": \(seconds), \"peakBytes\": \(PeakMemory.bytes())}")
    }

    /// The most likely token after the given ones.
    private static func next(_ run: Run, _ tokens: [Int]) throws -> Int {
        let logits = try run.advance([Step(tokens: tokens)])[0].logits
        let row = logits.row(logits.rows - 1)
        return (row.indices.max { row[$0] < row[$1] } ?? row.startIndex) - row.startIndex
    }
}
