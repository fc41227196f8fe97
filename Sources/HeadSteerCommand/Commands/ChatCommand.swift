import ArgumentParser
import Foundation
import Tokenization

/// `headsteer chat`: a conversation as the model reads it.
struct ChatCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "chat",
        abstract: "Render a conversation with the model's own chat template (to hold a conversation, see talk).",
        discussion: """
            The messages are a JSON array of {"role": "user", "content": "…"}. With --generation-prompt the text ends with \
            the beginning of the assistant's answer. --date sets the date for templates that write it, and \
            --template-variable sets any other variable that they read. Both are part of the JSON output.

            Examples:
              headsteer chat model.gguf --messages chat.json --generation-prompt
              headsteer chat model.gguf --messages chat.json --date 2026-11-28 --template-variable enable_thinking=false
            """)

    @OptionGroup var model: ModelArgument
    @OptionGroup var common: CommonOptions

    @Option(help: ArgumentHelp("The messages: a file with a JSON array.", valueName: "file"))
    var messages: String

    @Flag(help: "End the text with the beginning of the assistant's answer.")
    var generationPrompt = false

    @OptionGroup var template: TemplateOptions

    struct Output: Encodable {
        var text: String
        var ids: [Int]
    }

    func run(_ environment: CommandEnvironment) throws {
        var tokenizer = try Tokenizer(common.modelFiles(model.model))
        tokenizer.templateSettings = template.settings
        let messages = try ChatMessage.messages(contentsOf: URL(filePath: messages))
        let formatter = try ChatFormatter(tokenizer)
        formatter.warnOfUnreadVariables(environment.console)
        let chat = try formatter.format(messages, addGenerationPrompt: generationPrompt)
        if common.json {
            return try environment.console.json(
                Output(text: chat.text, ids: chat.ids), template: formatter.settings)
        }
        environment.console.output(chat.text)
    }
}
