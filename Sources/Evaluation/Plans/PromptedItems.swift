import DataFiles
import DataSets
import Tasks
import Tokenization

/// Items after a prompt that asks for the behaviour.
public struct PromptedItems: Sendable {
    /// The instruction in the prompt.
    public var instruction: String
    /// The items, each after the instruction.
    public var items: JudgedItems
    /// The prompts to continue, with the instruction; nil for none.
    public var answers: AnswerTask?

    /// Takes items whose prompts already contain the instruction.
    public init(instruction: String, items: JudgedItems, answers: AnswerTask? = nil) {
        self.instruction = instruction
        self.items = items
        self.answers = answers
    }

    /// Puts an instruction and an empty line before the items of a data set; with a chat template, the instruction is
    /// the system message.
    ///
    /// - Throws: `InputError` as ``JudgedItems`` does.
    public init(
        _ instruction: String, data: DataSet, tokenizer: Tokenizer, choices: ChoiceTaskOptions, withAnswers: Bool,
        file: String
    ) throws {
        var options = choices
        options.instruction = instruction
        self.init(
            instruction: instruction,
            items: try JudgedItems(data.after(instruction), tokenizer: tokenizer, choices: options, file: file),
            answers: withAnswers
                ? try Self.answers(after: instruction, data: data, tokenizer: tokenizer, choices: choices, file: file)
                : nil)
    }

    /// A data set's prompts after an instruction, for the model to continue.
    ///
    /// - Throws: `InputError` as `AnswerTask` does.
    package static func answers(
        after instruction: String, data: DataSet, tokenizer: Tokenizer, choices: ChoiceTaskOptions, file: String
    ) throws -> AnswerTask {
        try AnswerTask(
            data.after(instruction), tokenizer: tokenizer,
            choices: ChoiceTaskOptions(
                swapsLetters: false, usesChatTemplate: choices.usesChatTemplate, instruction: instruction,
                context: choices.context), file: file)
    }

    /// A prompt that asks for a behaviour by showing it: the first few labelled texts of the class true.
    public static func instruction(showing examples: [LabelledExample], count: Int = 3) -> String {
        let shown = examples.filter(\.label).prefix(count).map { String($0.text.trimmingWhitespace()) }
        return (["Answer in the manner of these examples."] + shown).joined(separator: "\n\n")
    }
}

extension DataSet {
    /// The rows with an instruction before each prompt.
    ///
    /// Choice questions stay as they are, because their options take the instruction.
    fileprivate func after(_ instruction: String) -> DataSet {
        switch self {
        case .choice: return self
        case .contrast(let rows):
            return .contrast(
                rows.map { row in
                    var row = row
                    row.prompt = "\(instruction)\n\n\(row.prompt)"
                    return row
                })
        case .labelled(let rows):
            return .labelled(
                rows.map { row in
                    var row = row
                    if !row.prompt.isEmpty { row.prompt = "\(instruction)\n\n\(row.prompt)" }
                    return row
                })
        }
    }
}
