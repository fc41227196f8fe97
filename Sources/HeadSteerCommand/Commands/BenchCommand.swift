import ArgumentParser
import DataFiles
import Documents
import Foundation
import Monitoring
import Reporting
import Transformer

/// `headsteer bench`: how fast a model runs here.
struct BenchCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure how fast a model reads and writes on this machine.",
        discussion: """
            Reads prompts of random tokens and then generates, with all sequences of --batch together. Rates count the \
            tokens of all sequences. peakBytes is the most memory that the process held, mapped weights included. With \
            --monitor a second copy of the first sequence is watched, in turns with the plain one, to measure what \
            watching costs.

            Example:
              headsteer bench model.gguf --prompt-tokens 512 --generate-tokens 64
            """)

    @OptionGroup var model: ModelArgument

    @Option(parsing: .unconditional, help: ArgumentHelp("The number of tokens in each prompt.", valueName: "n"))
    var promptTokens = 512

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The number of tokens to generate after each prompt.", valueName: "n"))
    var generateTokens = 64

    @Option(parsing: .unconditional, help: ArgumentHelp("The number of sequences to run together.", valueName: "b"))
    var batch = 1

    @Option(help: ArgumentHelp("A monitor, to measure what watching with it costs.", valueName: "file"))
    var monitor: String?

    @OptionGroup var seed: SeedOption
    @OptionGroup var plan: PlanOptions
    @OptionGroup var common: CommonOptions

    struct Output: Encodable {
        var prefillTokensPerSecond: Double
        var decodeTokensPerSecond: Double
        var peakBytes: Int
        var threads: Int
        var promptTokens: Int
        var generateTokens: Int
        var batch: Int
        var monitor: MonitorCost?
    }

    func validate() throws {
        for (name, value) in [("prompt-tokens", promptTokens), ("generate-tokens", generateTokens), ("batch", batch)] {
            guard (1...1_000_000).contains(value) else {
                throw ValidationError("--\(name) is \(value); give a number from 1 to 1000000")
            }
        }
    }

    func run(_ environment: CommandEnvironment) throws {
        let opened = try OpenedModel(model.model, common)
        guard promptTokens + generateTokens <= opened.configuration.context else {
            throw InputError(
                .tooLong,
                "\(promptTokens + generateTokens) tokens, more than the model's context of \(opened.configuration.context)",
                in: model.model, remedy: "lower --prompt-tokens or --generate-tokens")
        }
        // The keys and values of all sequences, and the logits of the last pass.
        let c = opened.configuration
        let cache =
            Double((common.precision == .fast ? 4 : 8) * c.layers * c.kvHeads * c.headSize)
            * Double(promptTokens + generateTokens)
        let needed = (cache + 8 * Double(c.vocabulary)) * Double(batch)
        guard needed < 0.8 * Double(ProcessInfo.processInfo.physicalMemory) else {
            throw InputError.usage(
                "about \(Int(needed / 1e9)) GB for \(batch) sequences of \(promptTokens + generateTokens) tokens, more than "
                    + "this machine has", remedy: "lower --batch")
        }
        let edits = try plan.edits(for: opened, environment)
        let monitor = try monitor.map { path in
            let monitor = try HeadMonitor(contentsOf: URL(filePath: path))
            try monitor.check(opened.model, workers: opened.workers, place: path)
            return monitor
        }
        let prompts = randomPrompts(vocabulary: opened.configuration.vocabulary)
        let run = Run(opened.model, workers: opened.workers)
        run.isCancelled = { environment.interruption.isRequested }

        // Mapped weights cost time when they are first touched, which is not to be measured.
        run.sequences = [opened.model.makeSequence(promptCount: 1)]
        try run.advance([Step(tokens: Array(prompts[0].prefix(1)), edits: edits)])

        run.sequences = prompts.map { opened.model.makeSequence(promptCount: $0.count) }
        var start = Date()
        var results = try run.advance(
            prompts.enumerated().map { Step(sequence: $0.offset, tokens: $0.element, edits: edits) })
        let prefillSeconds = Date().timeIntervalSince(start)
        start = Date()
        try environment.stage("Generating", total: generateTokens) { progress in
            for step in 1...generateTokens {
                let next = results.map { Self.largest($0.logits.row($0.logits.rows - 1)) }
                results = try run.advance(
                    next.enumerated().map { Step(sequence: $0.offset, tokens: [$0.element], edits: edits) })
                try progress(step)
            }
        }
        let decodeSeconds = Date().timeIntervalSince(start)

        let cost = try monitor.map { monitor in
            try environment.stage("Watching", total: generateTokens) { progress in
                try MonitorCost(monitor, run, prompt: prompts[0], count: generateTokens, progress: progress)
            }
        }
        let output = Output(
            prefillTokensPerSecond: Double(batch * promptTokens) / max(prefillSeconds, 1e-9),
            decodeTokensPerSecond: Double(batch * generateTokens) / max(decodeSeconds, 1e-9),
            peakBytes: PeakMemory.bytes(), threads: opened.workers.count, promptTokens: promptTokens,
            generateTokens: generateTokens, batch: batch, monitor: cost)
        if common.json { return try environment.console.json(output, precision: common.precision) }
        environment.console.output(
            NumberText.format(
                "reading   %.1f tokens/s\nwriting   %.1f tokens/s\nmemory    %.0f MB at most\nthreads   %d",
                output.prefillTokensPerSecond, output.decodeTokensPerSecond, Double(output.peakBytes) / 1e6,
                output.threads))
        if let cost {
            environment.console.output(NumberText.format("watching  %+.1f %% of a token's time", 100 * cost.share))
        }
    }

    private func randomPrompts(vocabulary: Int) -> [[Int]] {
        (0..<batch).map { index in
            var generator = SeededGenerator(seed: seed.seed, stream: UInt64(index))
            return (0..<promptTokens).map { _ in generator.integer(below: vocabulary) }
        }
    }

    private static func largest(_ logits: ArraySlice<Float>) -> Int {
        (logits.indices.max { logits[$0] < logits[$1] } ?? logits.startIndex) - logits.startIndex
    }
}
