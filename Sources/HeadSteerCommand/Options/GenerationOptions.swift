import ArgumentParser
import Generation
import Intervention
import Tasks
import Tokenization

/// What to generate and how: the options of `generate`.
struct GenerationOptions: ParsableArguments {
    @OptionGroup var prompt: PromptOptions

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The prompt as a user's message, with the model's chat template.", valueName: "text"))
    var chat: String?

    @Option(parsing: .unconditional, help: ArgumentHelp("A system message to put before --chat.", valueName: "text"))
    var system: String?

    @Option(parsing: .unconditional, help: ArgumentHelp("The maximum number of tokens to generate.", valueName: "n"))
    var maxTokens = 128

    @Flag(help: "Continue after end tokens, which are then generated like any other.")
    var ignoreEos = false

    @OptionGroup var template: TemplateOptions
    @OptionGroup var sampling: SamplingOptions
    @OptionGroup var seed: SeedOption
    @OptionGroup var plan: PlanOptions

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

    /// Everything that a generation needs.
    struct Prepared {
        var request: GenerationRequest
        /// The tokenizer; nil if only ids were given and the model has none.
        var tokenizer: Tokenizer?
        /// The plan behind the request's edits; nil if there is none.
        var plan: LoadedPlan?
        /// How its strength was found; nil if the strength is the plan's own.
        var found: BudgetedStrength?
    }

    /// The request, its plan and its tokenizer.
    func prepare(_ opened: OpenedModel, _ environment: CommandEnvironment) throws -> Prepared {
        let promptIds = try promptTokens(opened)
        if prompt.ids == nil { try warn(promptIds, RenderedTexts(opened.tokenizer, environment.console)) }
        let tokenizer = prompt.ids == nil ? try opened.tokenizer : opened.tokenizerIfAny
        let loaded = try plan.plan == nil ? nil : plan.loaded(for: opened, environment)
        let request = GenerationRequest(
            prompt: promptIds, edits: try loaded?.plan.edits(opened.configuration) ?? [],
            sampling: sampling.sampling(seed: seed.seed),
            maxTokens: maxTokens, endTokens: ignoreEos ? [] : tokenizer?.endOfGenerationTokens ?? [])
        return Prepared(request: request, tokenizer: tokenizer, plan: loaded?.plan, found: loaded?.found)
    }

    /// The prompt as readable text, to be checked; nil for ids.
    var promptText: String? {
        chat.map { [system, $0].compactMap { $0 }.joined(separator: "\n\n") } ?? prompt.prompt
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
}
