import DataFiles
import DataSets
import Tokenization

/// Choice questions as tokens, each as written and, if its options have letters, once more with the options' texts
/// swapped.
///
/// A model that prefers a letter gains nothing over both versions.
public struct ChoiceTask: Sendable {
    /// The items: each question's original, followed by its swapped version if it has one.
    public var items: [ChoiceItem]

    /// Makes a task from items made elsewhere.
    public init(items: [ChoiceItem]) { self.items = items }

    /// The prompts of all items, in order.
    public var prompts: [[Int]] { items.map(\.prompt) }
    /// The answers of all items, in order; ``TeacherForcedScorer`` calls them completions.
    public var completions: [[[Int]]] { items.map(\.answers) }
}

/// How choice questions become tokens.
public struct ChoiceTaskOptions: Sendable, Equatable {
    /// Whether a swapped version of each lettered question is added.
    public var swapsLetters: Bool
    /// Whether a question becomes the user's message, and the answer the beginning of the assistant's.
    public var usesChatTemplate: Bool
    /// An instruction before each question; nil for none.
    ///
    /// With a chat template, it is the system message, otherwise a paragraph. An instruction that asks for the
    /// behaviour is the baseline that every edit has to be compared with.
    public var instruction: String?
    /// The model's context in tokens; longer items are refused.
    ///
    /// If nil, the length isn't checked.
    public var context: Int?

    /// Makes options.
    ///
    /// - Parameter swapsLetters: on by default, because models prefer some letters to others.
    public init(
        swapsLetters: Bool = true, usesChatTemplate: Bool = false, instruction: String? = nil, context: Int? = nil
    ) {
        self.swapsLetters = swapsLetters
        self.usesChatTemplate = usesChatTemplate
        self.instruction = instruction
        self.context = context
    }
}

extension ChoiceTask {
    /// Makes items from the choice questions of a data set.
    ///
    /// Answers written ` (A)` (Anthropic's evals) and `(A)` (CAA's) become the same tokens. An answer that would touch
    /// the prompt's last word gets a space before it. With a chat template, an answer loses its leading space if the
    /// prompt ends in white space.
    ///
    /// - Parameter file: the file's name in error messages.
    /// - Throws: `InputError` with file and line if the data are of another kind, a row is longer than the context, two
    ///   answers of different sides are the same tokens, an answer's letter is none of the question's options, or the
    ///   chat template can't be applied.
    /// - Complexity: O(characters).
    public init(
        _ data: DataSet, tokenizer: Tokenizer, options: ChoiceTaskOptions = ChoiceTaskOptions(), file: String
    ) throws {
        guard case .choice(let questions) = data else {
            throw InputError.badData(
                "rows that aren't choice questions", in: file,
                remedy: "give question, answer_matching_behavior and answer_not_matching_behavior")
        }
        try self.init(questions, tokenizer: tokenizer, options: options, file: file)
    }

    /// Makes items from choice questions; see ``init(_:tokenizer:options:file:)-(DataSet,_,_,_)``.
    public init(
        _ questions: [ChoiceQuestion], tokenizer: Tokenizer, options: ChoiceTaskOptions = ChoiceTaskOptions(),
        file: String
    ) throws {
        guard !questions.isEmpty else {
            throw InputError.badData("no rows", in: file, remedy: "add choice questions")
        }
        let chat = options.usesChatTemplate ? try ChatFormatter(tokenizer) : nil
        var items: [ChoiceItem] = []
        for (row, question) in questions.enumerated() {
            let encoder = ChoiceEncoder(
                tokenizer: tokenizer, chat: chat, options: options,
                place: question.line == 0 ? "\(file): row \(row + 1)" : "\(file): line \(question.line)")
            items.append(try encoder.item(question, row: row, isSwapped: false))
            if options.swapsLetters, let swapped = try encoder.swapped(question) {
                items.append(try encoder.item(swapped, row: row, isSwapped: true))
            }
        }
        self.init(items: items)
    }
}

extension ChoiceQuestion {
    /// The question with each option's text moved to the next letter, and the letters of its answers changed to match.
    ///
    /// - Returns: the swapped question; nil if the options or the answers have no letters.
    /// - Throws: `InputError` if the question doesn't offer an answer's letter.
    public func swappingLetters(place: String) throws -> ChoiceQuestion? {
        guard let options = LetteredOptions(question) else { return nil }
        func moved(_ answers: [String]) throws -> [String]? {
            let letters = answers.compactMap { AnswerLetter($0) }
            guard letters.count == answers.count else { return nil }
            return try letters.map { letter in
                guard let new = options.letter(afterSwapping: letter.letter) else {
                    throw InputError.badData(
                        "an answer (\(letter.letter)) that the question doesn't offer", in: place,
                        remedy: "its options are \(options.letters.map { "(\($0))" }.joined(separator: ", "))")
                }
                return letter.replaced(by: new)
            }
        }
        guard let first = try moved(matching), let second = try moved(notMatching) else { return nil }
        return ChoiceQuestion(
            question: options.swapped, matching: first, notMatching: second, group: group, line: line)
    }
}

/// Turns one row's texts into tokens.
private struct ChoiceEncoder {
    var tokenizer: Tokenizer
    var chat: ChatFormatter?
    var options: ChoiceTaskOptions
    var place: String

    func swapped(_ question: ChoiceQuestion) throws -> ChoiceQuestion? { try question.swappingLetters(place: place) }

    func item(_ question: ChoiceQuestion, row: Int, isSwapped: Bool) throws -> ChoiceItem {
        let texts = question.matching + question.notMatching
        let (prompt, answers) = try tokens(question.question, texts)
        let matching = Set(question.matching.indices)
        for (index, answer) in answers.enumerated() {
            guard !answer.isEmpty else {
                throw InputError.badData(
                    "an answer without a token, \"\(texts[index])\"", in: place, remedy: "give each answer a text")
            }
            let length = prompt.count + answer.count
            if let context = options.context, length > context {
                throw InputError(
                    .tooLong,
                    "a question and answer of \(length) tokens, more than the model's context of \(context)", in: place,
                    remedy: "shorten the row or leave it out")
            }
        }
        for one in matching {
            if let same = answers.indices.first(where: { !matching.contains($0) && answers[$0] == answers[one] }) {
                throw InputError.badData(
                    "answers of both sides that have the same tokens, \"\(texts[one])\" and \"\(texts[same])\"",
                    in: place, remedy: "make the answers differ")
            }
        }
        guard !prompt.isEmpty else {
            throw InputError.badData("an empty question", in: place, remedy: "give each row a question")
        }
        return ChoiceItem(
            prompt: prompt, answers: answers, answerTexts: texts, matching: matching, group: question.group, row: row,
            line: question.line, isSwapped: isSwapped)
    }

    private func tokens(_ question: String, _ answers: [String]) throws -> (prompt: [Int], answers: [[Int]]) {
        guard let chat else {
            let text = options.instruction.map { "\($0)\n\n\(question)" } ?? question
            var prompt: [Int] = []
            let completions = try answers.map { answer in
                let ids = try tokenizer.encode(prompt: text, completion: Self.joined(answer, to: text, trims: false))
                prompt = ids.prompt
                return ids.completion
            }
            return (prompt, completions)
        }
        let system = options.instruction.map { [ChatMessage(role: "system", content: $0)] } ?? []
        let formatted = try chat.format(
            system + [ChatMessage(role: "user", content: question)], addGenerationPrompt: true)
        return (
            formatted.ids,
            try answers.map { answer in
                let completion = Self.joined(answer, to: formatted.text, trims: true)
                // The template itself writes the beginning of the sequence.
                let both = try tokenizer.encode(formatted.text + completion, specialTokens: .parsed)
                if both.starts(with: formatted.ids) { return Array(both.dropFirst(formatted.ids.count)) }
                return try tokenizer.encode(completion, specialTokens: .parsed)
            }
        )
    }

    /// An answer with a space before it if it would touch the prompt's last word, as in labelled examples.
    ///
    /// - Parameter trims: whether the answer's leading white space is removed if the prompt ends in white space.
    private static func joined(_ answer: String, to prompt: String, trims: Bool) -> String {
        let touches = prompt.last.map { !$0.isWhitespace } ?? false
        if touches { return answer.first?.isWhitespace ?? true ? answer : " " + answer }
        return trims ? String(answer.drop(while: \.isWhitespace)) : answer
    }
}
