import ArgumentParser
import Foundation
import Tokenization

/// `headsteer detokenize`: the text of tokens.
struct DetokenizeCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "detokenize",
        abstract: "Show the text of tokens.",
        discussion: """
            MODEL may be a .gguf file that holds only a vocabulary.

            Example:
              headsteer detokenize model.gguf --ids 3872,1194,418,746,436
            """)

    @OptionGroup var model: ModelArgument
    @OptionGroup var common: CommonOptions

    @Option(parsing: .unconditional, help: ArgumentHelp("The token ids: 1,2,3.", valueName: "ids"))
    var ids: TokenList

    struct Output: Encodable {
        var text: String
    }

    func run(_ environment: CommandEnvironment) throws {
        let tokenizer = try Tokenizer(common.modelFiles(model.model))
        try tokenizer.requireTokens(ids.ids)
        let output = Output(text: try tokenizer.decode(ids.ids))
        if common.json { return try environment.console.json(output) }
        environment.console.output(output.text)
    }
}
