import ArgumentParser
import Checkpoints
import DataFiles
import Documents
import Foundation
import Reporting
import Transformer

/// `headsteer logits`: the logits of the next token.
struct LogitsCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "logits",
        abstract: "Compute the logits of the next token after a prompt.",
        discussion: """
            Shows the ten largest logits of the last position. With --out the logits of the last position, or with \
            --all-positions of every position, are written as safetensors: the tensor "logits", float32, \
            [positions, vocabulary].

            Examples:
              headsteer logits model.gguf --prompt "My day at work was"
              headsteer logits model.gguf --ids 1,2,3 --all-positions --out logits.safetensors --json
            """)

    @OptionGroup var model: ModelArgument
    @OptionGroup var prompt: PromptOptions
    @OptionGroup var plan: PlanOptions
    @OptionGroup var common: CommonOptions

    @Flag(help: "Compute the logits of every position, not only of the last one.")
    var allPositions = false

    @Option(help: ArgumentHelp("Write the logits to this safetensors file.", valueName: "file"))
    var out: String?

    struct Candidate: Encodable {
        var id: Int
        var logit: Float
        /// The token as text; nil if the model has no tokenizer.
        var piece: String?
    }

    struct Output: Encodable {
        var ids: [Int]
        var top: [Candidate]
        /// The number of positions whose logits were computed.
        var positions: Int
    }

    func validate() throws {
        try prompt.requireOne()
    }

    func run(_ environment: CommandEnvironment) throws {
        let outputURL = try out.map { try OutputFile.check($0) }
        let opened = try OpenedModel(model.model, common, placement: .mapped)
        let ids = try prompt.tokens(opened)
        if prompt.ids == nil {
            try RenderedTexts(opened.tokenizer, environment.console).warnOfDoubledBeginning(ids)
        }
        let edits = try plan.edits(for: opened, environment)
        let run = Run(opened.model, workers: opened.workers)
        run.isCancelled = { environment.interruption.isRequested }
        run.sequences = [opened.model.makeSequence(promptCount: ids.count)]
        let logits = try run.advance([Step(tokens: ids, edits: edits, logits: allPositions ? .all : .last)])[0].logits
        guard logits.elements.allSatisfy(\.isFinite) else {
            throw InputError(
                .notFinite,
                "NaN or infinite logits", in: model.model,
                remedy: "check the model's weights and the plan's strengths")
        }
        let top = try Self.best(10, of: logits.row(logits.rows - 1), opened)
        if let outputURL {
            var writer = SafetensorsWriter(metadata: ["ids": ids.map(String.init).joined(separator: ",")])
            writer.add("logits", shape: [logits.rows, logits.columns], Array(logits.elements))
            try writer.write(to: outputURL)
        }
        if common.json {
            return try environment.console.json(
                Output(ids: ids, top: top, positions: logits.rows), precision: common.precision)
        }
        var table = TextTable([.init("token", .right), .init("logit", .right), .init("text")])
        for candidate in top {
            table.add(["\(candidate.id)", NumberText.format("%.4f", candidate.logit), candidate.piece ?? ""])
        }
        environment.console.output(table.rendered(environment.console.tableStyle))
    }

    /// The largest logits; of two equal ones the lower token comes first.
    private static func best(_ count: Int, of logits: ArraySlice<Float>, _ model: OpenedModel) throws -> [Candidate] {
        let tokenizer = model.tokenizerIfAny
        let order = logits.enumerated().sorted {
            $0.element != $1.element ? $0.element > $1.element : $0.offset < $1.offset
        }
        return order.prefix(count).map { token, logit in
            Candidate(id: token, logit: logit, piece: tokenizer.flatMap { try? $0.piece(token) })
        }
    }
}
