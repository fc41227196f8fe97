import DataFiles
import DataSets
import Foundation
import Tokenization

/// HSI's questions as tokens.
struct HSITexts {
    let tokenizer: Tokenizer
    let options: HSIOptions
    /// Whether texts go through a chat template.
    let usesChatTemplate: Bool
    private let preparation: TextPreparation
    private let chat: ChatFormatter?

    init(_ tokenizer: Tokenizer, options: HSIOptions) throws {
        self.tokenizer = tokenizer
        self.options = options
        usesChatTemplate = options.usesChatTemplate && tokenizer.chatTemplate != nil
        preparation = try TextPreparation(tokenizer, usesChatTemplate: usesChatTemplate)
        chat = usesChatTemplate ? try ChatFormatter(tokenizer) : nil
    }

    /// The question as the user asks it.
    func prompt(_ question: HSIQuestion) -> String {
        guard options.asksForLetter, !question.letters.isEmpty else { return question.prompt }
        let answers = question.letters.map { "(\($0))" }.joined(separator: " / ")
        return "\(question.prompt) Include in your answer \"Answer: \(answers)\"."
    }

    /// The prompt's tokens, at least one.
    func promptTokens(_ question: HSIQuestion, file: String) throws -> [Int] {
        let text = prompt(question)
        let ids =
            try chat?.format(
                [ChatMessage(role: "user", content: text)], addGenerationPrompt: true
            ).ids ?? tokenizer.encode(text, specialTokens: .parsed, addBeginning: tokenizer.addsBeginning)
        guard !ids.isEmpty else {
            throw InputError.badData("an empty question", in: file, remedy: "give each row a question")
        }
        return ids
    }

    /// A question's completions as texts, matching ones first, each read at the end-of-sequence token.
    func texts(_ question: HSIQuestion, file: String) throws -> [PreparedText] {
        let choice = ChoiceQuestion(
            question: prompt(question), matching: question.matching, notMatching: question.notMatching,
            group: question.group)
        return try choice.labelledExamples.map { example in
            var example = example
            if usesChatTemplate {
                // Llama 2's template trims the answer; here it is trimmed for all templates.
                example.completion = String(example.completion.trimmingWhitespace())
            }
            var text = try preparation.prepare(example, file: file)
            let position = Self.endPosition(text.tokens, endTokens: ends)
            text.positions = position..<position + 1
            return text
        }
    }

    /// The tokens that end a sequence.
    private var ends: Set<Int> {
        tokenizer.endOfGenerationTokens.union(tokenizer.eosToken.map { [$0] } ?? [])
    }

    /// Whether all texts are read at an end-of-sequence token.
    func haveEnds(_ texts: [PreparedText]) -> Bool {
        texts.allSatisfy { text in ends.contains(text.tokens[text.positions.lowerBound]) }
    }

    /// The position at which a text is read: the last end-of-sequence token, or the last token if there is none.
    ///
    /// This is `</s>` for Llama 2, and `<|im_end|>` for ChatML, not the line end after it.
    static func endPosition(_ tokens: [Int], endTokens: Set<Int>) -> Int {
        tokens.lastIndex(where: endTokens.contains) ?? tokens.count - 1
    }
}
