import ArgumentParser
import DataFiles
import Foundation
import Generation
import Reporting
import Tokenization

/// `headsteer generate`: a continuation, with or without a plan.
struct GenerateCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Continue a prompt, under a plan if one is given.",
        discussion: """
            The prompt is a text (--prompt), tokens (--ids), or a user's message (--chat) that goes through the model's \
            own chat template. The end token is part of "ids" and not of "text". stopReason is "end", "length" \
            (--max-tokens reached) or "context" (the model's context is full).

            Examples:
              headsteer generate model.gguf --prompt "My day at work was" --max-tokens 40
              headsteer generate model.gguf --chat "How was your day?" --plan plan.json --temperature 0.7 --seed 1
            """)

    @OptionGroup var model: ModelArgument
    @OptionGroup var prompt: PromptOptions

    @Option(parsing: .unconditional, help: ArgumentHelp("A user's message to answer.", valueName: "text"))
    var chat: String?

    @Option(parsing: .unconditional, help: ArgumentHelp("A system message to go before --chat.", valueName: "text"))
    var system: String?

    @Option(parsing: .unconditional, help: ArgumentHelp("The most tokens to generate.", valueName: "n"))
    var maxTokens = 128

    @Flag(help: "Go on after end tokens, which are then generated like any other.")
    var ignoreEos = false

    @OptionGroup var template: TemplateOptions
    @OptionGroup var sampling: SamplingOptions
    @OptionGroup var seed: SeedOption
    @OptionGroup var plan: PlanOptions
    @OptionGroup var common: CommonOptions

    struct Output: Encodable {
        var promptIds: [Int]
        var ids: [Int]
        var text: String
        var stopReason: StopReason
        /// Seconds until the first token was there.
        var promptSeconds: Double
        /// Seconds for the tokens after it.
        var generateSeconds: Double
        var promptTokensPerSecond: Double
        var generatedTokensPerSecond: Double
    }

    func validate() throws {
        let given = [prompt.prompt != nil, prompt.ids != nil, chat != nil].count { $0 }
        guard given == 1 else {
            throw ValidationError(
                given == 0
                    ? "there is no prompt; give --prompt TEXT, --ids 1,2,3 or --chat TEXT"
                    : "--prompt, --ids and --chat exclude each other; give one of them")
        }
        if system != nil && chat == nil {
            throw ValidationError("--system without a message to answer; give --chat TEXT too")
        }
        try template.requireUse(chat != nil)
        guard maxTokens >= 0 else {
            throw ValidationError("--max-tokens is \(maxTokens); give 0 or a positive number")
        }
    }

    func run(_ environment: CommandEnvironment) throws {
        let opened = try OpenedModel(model.model, common, template: template)
        let templateSettings = try opened.templateSettings(isUsed: chat != nil, environment)
        let promptIds = try promptTokens(opened)
        if prompt.ids == nil { try warn(promptIds, RenderedTexts(opened.tokenizer, environment.console)) }
        // With ids alone a model without a tokenizer can generate; its text is then empty.
        let tokenizer = prompt.ids == nil ? try opened.tokenizer : opened.tokenizerIfAny
        let request = GenerationRequest(
            prompt: promptIds, edits: try plan.edits(for: opened), sampling: sampling.sampling(seed: seed.seed),
            maxTokens: maxTokens, endTokens: ignoreEos ? [] : tokenizer?.endOfGenerationTokens ?? [])
        let stream = try TokenStream(request, model: opened.model, tokenizer: tokenizer, workers: opened.workers)
        stream.isCancelled = { environment.interruption.isRequested }
        let isStreaming = !common.json && environment.console.isOutputTerminal
        var text = ""
        func take(_ new: String) {
            text += new
            if isStreaming, !new.isEmpty { environment.console.outputFragment(TextWrapping.printable(new)) }
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
        if isStreaming { environment.console.output("") }
        try environment.interruption.check()
        let ids = stream.ids
        guard stopReason != .cancelled else { throw CancellationError() }
        guard stopReason != .notFinite else {
            throw InputError(
                .notFinite, "NaN or infinite logits after \(ids.count) tokens", in: opened.path,
                remedy: "check the weights and, with --plan, the strengths")
        }
        if tokenizer == nil {
            environment.console.warning("\(model.model) has no tokenizer, so there are ids and no text")
        }
        let promptSeconds = firstToken.timeIntervalSince(start)
        let generateSeconds = ids.isEmpty ? 0 : end.timeIntervalSince(firstToken)
        if common.json {
            return try environment.console.json(
                Output(
                    promptIds: promptIds, ids: ids, text: text, stopReason: stopReason,
                    promptSeconds: promptSeconds, generateSeconds: generateSeconds,
                    promptTokensPerSecond: Self.rate(ids.isEmpty ? 0 : promptIds.count, promptSeconds),
                    generatedTokensPerSecond: Self.rate(ids.count - 1, generateSeconds)),
                precision: common.precision, template: templateSettings)
        }
        if !isStreaming { environment.console.output(text) }
    }

    private func warn(_ promptIds: [Int], _ rendered: RenderedTexts) throws {
        guard chat != nil else { return rendered.warnOfDoubledBeginning(promptIds) }
        for message in [system, chat].compactMap({ $0 }) { rendered.warn(message: message) }
    }

    private func promptTokens(_ opened: OpenedModel) throws -> [Int] {
        guard let chat else { return try prompt.tokens(opened) }
        var messages = [ChatMessage(role: "user", content: chat)]
        if let system { messages.insert(ChatMessage(role: "system", content: system), at: 0) }
        return try ChatFormatter(try opened.tokenizer).format(messages, addGenerationPrompt: true).ids
    }

    private static func rate(_ count: Int, _ seconds: Double) -> Double {
        count > 0 && seconds > 0 ? Double(count) / seconds : 0
    }
}
