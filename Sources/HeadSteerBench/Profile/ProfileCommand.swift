import ArgumentParser
import Foundation
import Reporting
import TensorCore
import Transformer

/// `headsteer-bench profile`: the time that each stage takes.
struct ProfileCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "profile",
        abstract: "Show where the time goes in decoding and in a prompt, in both precisions.",
        discussion: """
            A stage lies between two sites of a pass. Its time is the calling thread's, from site to site, including \
            the waits for the other workers. The rate is that of the stage's weights: in decoding, the bytes read per \
            second, to be compared with what this machine's memory gives; in a prompt, the multiplications per second. \
            "speed-up" is the time with one thread divided by the time with all. Where it is below the number of \
            threads, time went into waits, into the part of a stage that one thread does alone, or into memory that \
            all share. The last rows count the waits between workers, which are part of the stages: the caller waits \
            for the others at the end of each call, and the others wait for the next call while the caller does alone \
            what isn't divided. Each figure is the median of some rounds.

            On Linux, a sampling profiler shows more of what happens inside a stage:
              perf record -g headsteer-bench profile --rounds 20 && perf report --no-children
            """)

    @Option(help: ArgumentHelp("The model.", valueName: "file"))
    var model = "Fixtures/fetched/SmolLM2-135M-Instruct.Q4_1.gguf"

    @Option(help: ArgumentHelp("The number of threads.", valueName: "n"))
    var threads = 2

    @Option(
        parsing: .upToNextOption, help: "The precisions: \(Precision.allCases.map(\.rawValue).joined(separator: " ")).")
    var precisions = Precision.allCases

    @Option(help: ArgumentHelp("The number of tokens in the profiled prompt.", valueName: "n"))
    var promptTokens = 512

    @Option(help: ArgumentHelp("The number of tokens before the decoded ones.", valueName: "n"))
    var decodeAfter = 16

    @Option(help: ArgumentHelp("How many times each is measured.", valueName: "n"))
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
