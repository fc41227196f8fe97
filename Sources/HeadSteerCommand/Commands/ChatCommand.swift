import ArgumentParser
import Checkpoints
import Foundation
import Tokenization

/// `headsteer chat`: a conversation as the model reads it.
struct ChatCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "chat",
        abstract: "Render a conversation with the model's own chat template.",
        discussion: """
            The messages are a JSON array of {"role": "user", "content": "…"}. With --generation-prompt the text ends with \
            the beginning of the assistant's answer.

            Example:
              headsteer chat model.gguf --messages chat.json --generation-prompt
            """)

    @OptionGroup var model: ModelArgument
    @OptionGroup var common: CommonOptions

    @Option(help: ArgumentHelp("A file with a JSON array of messages.", valueName: "file"))
    var messages: String

    @Flag(help: "End with the beginning of the assistant's answer.")
    var generationPrompt = false

    struct Output: Encodable {
        var text: String
        var ids: [Int]
    }

    func run(_ environment: CommandEnvironment) throws {
        let tokenizer = try Tokenizer(Checkpoint(contentsOf: URL(filePath: model.model)))
        let messages = try ChatMessage.messages(contentsOf: URL(filePath: messages))
        let chat = try ChatFormatter(tokenizer).format(messages, addGenerationPrompt: generationPrompt)
        if common.json { return try environment.console.json(Output(text: chat.text, ids: chat.ids)) }
        environment.console.output(chat.text)
    }
}
