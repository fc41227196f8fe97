import ArgumentParser
import DataFiles
import DataSets
import Tasks
import Tokenization

/// Options for how choice questions are asked, in commands that take other data as they are written.
struct QuestionOptions: ParsableArguments {
    @Flag(help: "Apply the model's chat template to choice questions.")
    var chat = false

    @OptionGroup var template: TemplateOptions

    func validate() throws { try template.requireUse(chat) }

    /// The options of the chat template; nil if none is used.
    var usedTemplate: TemplateOptions? { chat ? template : nil }

    /// These options as words for another command, as this command's arguments give them.
    func words(_ arguments: [String]) -> String { Self.words(chat: chat, ArgumentWords(arguments)) }

    /// These options as words for another command.
    ///
    /// - Parameter given: the arguments, which have the template's options.
    static func words(chat: Bool, _ given: ArgumentWords) -> String {
        var given = given
        let template = ["--date", "--template-variable"].flatMap { name in
            given.take(option: name).map { " \(name) \(ShellWord.text($0))" }
        }
        return (chat ? " --chat" : "") + template.joined()
    }

    /// How questions are asked: each one once, with its letters as they are.
    ///
    /// - Throws: `InputError` if a template is asked for and the data have no questions.
    func choices(_ file: DataFile, _ opened: OpenedModel) throws -> ChoiceTaskOptions {
        if chat, !file.data.isChoice {
            throw InputError.usage(
                "--chat, and no choice questions in \(file.name)",
                remedy: "leave it out: contrast prompts and labelled texts are taken as they are written")
        }
        return ChoiceTaskOptions(
            swapsLetters: false, usesChatTemplate: chat, context: opened.configuration.context)
    }
}

extension DataSet {
    /// Whether its rows are choice questions.
    var isChoice: Bool {
        if case .choice = self { true } else { false }
    }
}
