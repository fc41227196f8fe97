import ArgumentParser
import Foundation
import Reporting
import TensorCore
import Transformer

/// `headsteer-bench profile`: the time that each stage takes.
struct ProfileCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "profile",
        abstract: "Show where the time of decoding and of a prompt goes, in both precisions.",
        discussion: """
            A stage lies between two sites of a pass. Its time is the calling thread's, from site to site, with the wait for \
            the other workers. The rate is that of the stage's weights: in decoding the bytes that it reads a second, beside \
            what this machine's memory gives; in a prompt multiplications. "speed-up" is one thread's time divided by that of all: what \
            is missing to their number went into waits, into the part of a stage that one thread does alone, or into memory \
            that all share. The last rows count the waits between workers, which are part of the stages: the caller's for the others \
            at the end of each call, and the others' for the next call, while the caller does alone what isn't divided. \
            Each figure is the median of some rounds.

            Inside a stage a sampling profiler says more, on Linux:
              perf record -g headsteer-bench profile --rounds 20 && perf report --no-children
            """)

    @Option(help: ArgumentHelp("The model.", valueName: "file"))
    var model = "Fixtures/fetched/SmolLM2-135M-Instruct.Q4_1.gguf"

    @Option(help: ArgumentHelp("The threads.", valueName: "n"))
    var threads = 2

    @Option(
        parsing: .upToNextOption, help: "The precisions: \(Precision.allCases.map(\.rawValue).joined(separator: " ")).")
    var precisions = Precision.allCases

    @Option(help: ArgumentHelp("The tokens of the prompt that is profiled.", valueName: "n"))
    var promptTokens = 512

    @Option(help: ArgumentHelp("The tokens before those that are decoded.", valueName: "n"))
    var decodeAfter = 16

    @Option(help: ArgumentHelp("How often each is measured.", valueName: "n"))
    var rounds = 5

    func validate() throws {
        try check(
            ("threads", threads, 1...1024), ("prompt-tokens", promptTokens, 1...1_000_000),
            ("decode-after", decodeAfter, 1...1_000_000), ("rounds", rounds, 1...1000))
    }

    func run() throws {
        for precision in precisions {
            let own = try OwnModel(path: model, precision: precision, threads: threads)
            try own.checkContext(max(promptTokens, decodeAfter + Comparison.decodeTokens))
            let subject = ProfiledModel(own, rounds: rounds)
            let decode = try subject.decode(after: decodeAfter, tokens: Comparison.decodeTokens)
            let bandwidth = MemoryBandwidth.bytesPerSecond(size: try own.weightBytes(), workers: own.workers)
            try Console.output(
                "\(precision.rawValue), decode after \(decodeAfter) tokens; memory gives "
                    + "\(CompareRow.rate(bandwidth / 1e9, "GB/s"))\n\(decode.text(.bytes))\n")
            let prompt = try subject.prompt(tokens: promptTokens)
            try Console.output("\(precision.rawValue), prompt of \(promptTokens)\n\(prompt.text(.products))\n")
        }
        try Console.output(
            "\(URL(filePath: model).lastPathComponent), \(threads) threads, \(Machine.date), \(Machine.processor)")
    }
}
