import ArgumentParser
import DataFiles
import Foundation
import Generation
import Reporting
import Tasks
import Tokenization

/// `headsteer generate`: a continuation, with or without a plan.
struct GenerateCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Continue a prompt, under a plan if one is given.",
        discussion: """
            The prompt is a text (--prompt), tokens (--ids), or a user's message (--chat) that goes through the \
            model's own chat template; for a conversation see talk. On a terminal the text is wrapped to its width. \
            The end token is part of "ids" but not of "text". stopReason is "end", "length" (--max-tokens was reached) \
            or "context" (the model's context is full).

            With --guard the prompt is checked before the text is written, a monitor watches while it is written, and \
            the text is checked afterwards. A refusal gives its reason, and the refused text isn't shown. With --scale \
            one text is written for each number, side by side, and the JSON output has "texts" in place of "ids" and \
            "text".

            Examples:
              headsteer generate model.gguf --prompt "My day at work was" --max-tokens 40
              headsteer generate model.gguf --chat "How was your day?" --plan plan.json --temperature 0.7 --seed 1
              headsteer generate model.gguf --prompt "My day at work was" --plan plan.json --scale -1,0,1
            """)

    @OptionGroup var model: ModelArgument
    @OptionGroup var generation: GenerationOptions

    @Option(
        name: .customLong("guard"),
        help: ArgumentHelp("The checks of prompt, activations and text to make: a guard.json.", valueName: "file"))
    var guardFile: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Write a text for each of these multiples of the plan's strength, side by side: -1,0,1.",
            valueName: "numbers"))
    var scale: String?

    @OptionGroup var common: CommonOptions

    struct Output: Encodable {
        var promptIds: [Int]
        var ids: [Int]
        var text: String
        var stopReason: StopReason
        /// Seconds until the first token was chosen.
        var promptSeconds: Double
        /// Seconds for the tokens after it.
        var generateSeconds: Double
        var promptTokensPerSecond: Double
        var generatedTokensPerSecond: Double
        /// How the plan's strength was found; nil if the plan has its own.
        var budget: BudgetedStrength?
    }

    func validate() throws {
        guard scale != nil else { return }
        if generation.plan.plan == nil { throw ValidationError("--scale without a plan; give --plan FILE too") }
        if guardFile != nil { throw ValidationError("--scale and --guard exclude each other; give one of them") }
    }

    func run(_ environment: CommandEnvironment) throws {
        let scales = try scale.map { try ScaledOutput.scales($0) }
        let opened = try OpenedModel(model.model, common, template: generation.template)
        let templateSettings = try opened.templateSettings(isUsed: generation.chat != nil, environment)
        let prepared = try generation.prepare(opened, environment)
        let (request, tokenizer) = (prepared.request, prepared.tokenizer)
        if let guardFile {
            let guarded = GuardedOutput(path: guardFile, generation: generation, common: common)
            return try guarded.run(prepared, opened, templateSettings, environment)
        }
        if let scales {
            let scaled = ScaledOutput(scales: scales, generation: generation, common: common)
            return try scaled.run(prepared, opened, templateSettings, environment)
        }
        let stream = try TokenStream(request, model: opened.model, tokenizer: tokenizer, workers: opened.workers)
        stream.isCancelled = { environment.interruption.isRequested }
        let isStreaming = !common.json && environment.console.isOutputTerminal
        var text = ""
        var wrapping = WrappedStream(width: environment.console.proseWidth)
        func take(_ new: String) {
            text += new
            if isStreaming, !new.isEmpty { environment.console.outputFragment(wrapping.take(new)) }
        }

        let start = Date()
        var firstToken = start
        var stopReason = StopReason.cancelled
        for event in stream {
            switch event {
            case .token(_, let new):
                if stream.ids.count == 1 { firstToken = Date() }
                take(new)
            case .finished(let rest, let reason):
                take(rest)
                stopReason = reason
            }
        }
        let end = Date()
        if isStreaming { environment.console.output(wrapping.finish()) }
        try environment.interruption.check()
        let ids = stream.ids
        guard stopReason != .cancelled else { throw CancellationError() }
        guard stopReason != .notFinite else { throw opened.notFinite(after: ids.count) }
        if tokenizer == nil {
            environment.console.warning("\(model.model) has no tokenizer, so there are ids but no text")
        }
        let promptSeconds = firstToken.timeIntervalSince(start)
        let generateSeconds = ids.isEmpty ? 0 : end.timeIntervalSince(firstToken)
        if common.json {
            return try environment.console.json(
                Output(
                    promptIds: request.prompt, ids: ids, text: text, stopReason: stopReason,
                    promptSeconds: promptSeconds, generateSeconds: generateSeconds,
                    promptTokensPerSecond: Self.rate(ids.isEmpty ? 0 : request.prompt.count, promptSeconds),
                    generatedTokensPerSecond: Self.rate(ids.count - 1, generateSeconds),
                    budget: prepared.found),
                precision: common.precision, template: templateSettings)
        }
        if !isStreaming { environment.console.output(text) }
    }

    private static func rate(_ count: Int, _ seconds: Double) -> Double {
        count > 0 && seconds > 0 ? Double(count) / seconds : 0
    }
}
