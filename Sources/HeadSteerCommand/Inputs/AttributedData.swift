import Attribution
import DataFiles
import DataSets
import Tasks
import Tokenization

/// The items that effects are estimated on.
struct AttributedData {
    /// The items for next tokens, as a sweep takes them.
    let contrasts: ContrastSet
    /// The items whose differences are differentiated.
    let items: [AttributedItem]
    /// Whether the differences are those of next tokens.
    let isOfNextTokens: Bool

    /// - Parameter takesWholeAnswers: whether all tokens of an answer count, not only the next one.
    init(
        _ file: DataFile, _ questions: QuestionOptions, takesWholeAnswers: Bool, _ opened: OpenedModel
    ) throws {
        let tokenizer = try opened.tokenizer
        let choices = try questions.choices(file, opened)
        contrasts = try ContrastSet(file.data, tokenizer: tokenizer, choices: choices, file: file.name)
        isOfNextTokens = !takesWholeAnswers
        guard takesWholeAnswers else {
            items = contrasts.items.map { AttributedItem($0) }
            return
        }
        switch file.data {
        case .contrast(let rows):
            items = try rows.map { row in
                func tokens(_ answers: [String]) throws -> [(prompt: [Int], completion: [Int])] {
                    try answers.map { try tokenizer.encode(prompt: row.prompt, completion: $0) }
                }
                let (positive, negative) = try (tokens(row.positive), tokens(row.negative))
                return AttributedItem(
                    prompt: positive.first?.prompt ?? [], positive: positive.map(\.completion),
                    negative: negative.map(\.completion), group: row.group)
            }
        case .choice:
            items = try ChoiceTask(file.data, tokenizer: tokenizer, options: choices, file: file.name).items.map {
                AttributedItem($0)
            }
        case .labelled:
            throw InputError.badData(
                "labelled texts, which have no answers of both sides", in: file.name,
                remedy: "give contrast prompts or questions, or leave --whole-answers out")
        }
    }
}
