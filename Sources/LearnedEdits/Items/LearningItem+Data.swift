import DataFiles
import DataSets
import Tasks
import Tokenization

extension LearningItem {
    /// Makes items from a data set: choice questions in both versions of their letters, contrast prompts, or labelled
    /// texts.
    ///
    /// A labelled text without a prompt is scored from its second token on; the first token is its prompt.
    ///
    /// - Parameter file: the file's name in error messages.
    /// - Throws: `InputError` as ``ChoiceTask`` and ``ContrastSet`` do, or with the line of a labelled text that is too
    ///   short.
    public static func items(
        _ data: DataSet, tokenizer: Tokenizer, choices: ChoiceTaskOptions = ChoiceTaskOptions(), file: String
    ) throws -> [LearningItem] {
        switch data {
        case .choice:
            return try ChoiceTask(data, tokenizer: tokenizer, options: choices, file: file).items.map { item in
                LearningItem(
                    prompt: item.prompt, measure: .answers(item.answers, matching: item.matching), group: item.group,
                    question: item.row)
            }
        case .contrast:
            return try ContrastSet(data, tokenizer: tokenizer, choices: choices, file: file).items.enumerated().map {
                LearningItem(
                    prompt: $1.prompt, measure: .nextTokens(positive: $1.positive, negative: $1.negative),
                    group: $1.group, question: $0)
            }
        case .labelled(let rows):
            let preparation = try TextPreparation(tokenizer, usesChatTemplate: choices.usesChatTemplate)
            let chat = choices.usesChatTemplate ? try ChatFormatter(tokenizer) : nil
            return try rows.enumerated().map { index, row in
                let (prompt, completion) = try parts(row, preparation, chat, file: file)
                return LearningItem(
                    prompt: prompt, measure: .completion(completion, label: row.label), group: row.group,
                    question: index)
            }
        }
    }

    /// A labelled text's prompt and completion as tokens.
    private static func parts(
        _ row: LabelledExample, _ preparation: TextPreparation, _ chat: ChatFormatter?, file: String
    ) throws -> (prompt: [Int], completion: [Int]) {
        let tokenizer = preparation.tokenizer
        if !row.prompt.isEmpty {
            var ids: (prompt: [Int], completion: [Int])
            if let chat {
                let asked = try chat.format([ChatMessage(role: "user", content: row.prompt)], addGenerationPrompt: true)
                let answer = String(row.completion.drop(while: \.isWhitespace))
                ids = (asked.ids, try tokenizer.encode(answer, specialTokens: .parsed))
            } else {
                ids = try tokenizer.encode(prompt: row.prompt, completion: row.completion)
            }
            if !ids.prompt.isEmpty, !ids.completion.isEmpty { return ids }
        }
        let tokens = try preparation.prepare(row, file: file).tokens
        guard tokens.count >= 2 else {
            throw InputError.badData(
                "a text of fewer than two tokens", in: "\(file): line \(row.line)",
                remedy: "give longer texts, or a prompt and a completion")
        }
        return ([tokens[0]], Array(tokens.dropFirst()))
    }
}
