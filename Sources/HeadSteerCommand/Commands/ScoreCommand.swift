import ArgumentParser
import DataFiles
import Documents
import Foundation
import Reporting
import Tokenization
import Transformer

/// `headsteer score`: how probable a completion is after a prompt.
struct ScoreCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "score",
        abstract: "Show how probable a completion is after a prompt.",
        discussion: """
            Gives the natural logarithm of the probability of each token of the completion, from one teacher-forced \
            pass. Prompt and completion are tokenized together if the prompt's tokens are then the same as on their \
            own, and separately otherwise. Under a plan, positions "last" means the last prompt token and every \
            completion token.

            Example:
              headsteer score model.gguf --prompt "My day at work was" --completion " great" --json
            """)

    @OptionGroup var model: ModelArgument

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The text before the completion. A beginning-of-sequence token is put before it if the model asks for one.",
            valueName: "text"))
    var prompt: String

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The text to score, with its leading space if it has one.", valueName: "text"))
    var completion: String

    @Flag(help: "Read text that looks like a special token (<|im_start|>) as plain text.")
    var noSpecial = false

    @OptionGroup var plan: PlanOptions
    @OptionGroup var common: CommonOptions

    struct Output: Encodable {
        var promptIds: [Int]
        var ids: [Int]
        var pieces: [String]
        var logprobs: [Double]
        var total: Double
    }

    func run(_ environment: CommandEnvironment) throws {
        let opened = try OpenedModel(model.model, common, placement: .mapped)
        let (promptIds, ids) = try Self.tokens(
            prompt, completion, opened, specialTokens: noSpecial ? .plainText : .parsed)
        try RenderedTexts(opened.tokenizer, environment.console).warnOfDoubledBeginning(promptIds)
        let run = Run(opened.model, workers: opened.workers)
        run.isCancelled = { environment.interruption.isRequested }
        let logprobs = try run.score(completion: ids, after: promptIds, edits: try plan.edits(for: opened, environment))
        guard logprobs.allSatisfy(\.isFinite) else {
            throw InputError(
                .notFinite,
                "NaN or infinite probabilities", in: model.model,
                remedy: "check the model's weights and the plan's strengths")
        }
        let output = Output(
            promptIds: promptIds, ids: ids, pieces: try ids.map(opened.tokenizer.piece), logprobs: logprobs,
            total: logprobs.reduce(0, +))
        if common.json { return try environment.console.json(output, precision: common.precision) }
        var table = TextTable([.init("token", .right), .init("log p", .right), .init("text")])
        for (index, id) in ids.enumerated() {
            table.add(["\(id)", NumberText.format("%.4f", logprobs[index]), output.pieces[index]])
        }
        table.add(["", NumberText.format("%.4f", output.total), "(total)"])
        environment.console.output(table.rendered(environment.console.tableStyle))
    }

    /// The tokens of a prompt and of the completion after it.
    static func tokens(
        _ prompt: String, _ completion: String, _ opened: OpenedModel, specialTokens: SpecialTokenHandling
    ) throws -> (prompt: [Int], completion: [Int]) {
        let first = try opened.promptTokens(prompt, specialTokens: specialTokens)
        guard !first.isEmpty else {
            throw InputError.usage("the prompt has no tokens", remedy: "give --prompt at least one character")
        }
        let joint = try opened.promptTokens(prompt + completion, specialTokens: specialTokens)
        let second =
            joint.starts(with: first)
            ? Array(joint[first.count...]) : try opened.tokenizer.encode(completion, specialTokens: specialTokens)
        guard !second.isEmpty else {
            throw InputError.usage("the completion has no tokens", remedy: "give --completion at least one character")
        }
        return (first, second)
    }
}
