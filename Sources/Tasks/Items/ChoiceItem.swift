import DataFiles

/// A question with its answers, as tokens, for measuring a model's preference among the answers.
public struct ChoiceItem: Sendable, Equatable {
    /// The question's tokens, at least one; with a chat template, up to where the assistant begins to answer.
    public var prompt: [Int]
    /// The tokens of each answer, at least one; answers that match the behaviour come first.
    public var answers: [[Int]]
    /// The answers as written, in the same order; a swapped item has the swapped letters.
    public var answerTexts: [String]
    /// The indices of the answers that show the behaviour.
    public var matching: Set<Int>
    /// The name of the item's group; items of a group are not independent.
    ///
    /// Both versions of a question are in the same group.
    public var group: String
    /// The number of the question in its data set, from 0; both versions of a question have the same number.
    public var row: Int
    /// The line of the file on which the row begins, from 1; 0 for a row that isn't from a file.
    public var line: Int
    /// Whether the options' texts are swapped between their letters.
    public var isSwapped: Bool

    /// Makes an item; one that isn't from a file has row and line 0.
    ///
    /// - Precondition: `prompt` and each answer have at least one token; at least one answer matches the behaviour and
    ///   at least one doesn't; each answer has a text, or none has.
    public init(
        prompt: [Int], answers: [[Int]], answerTexts: [String] = [], matching: Set<Int>, group: String, row: Int = 0,
        line: Int = 0, isSwapped: Bool = false
    ) {
        precondition(!prompt.isEmpty, "A question needs at least one token.")
        precondition(answers.allSatisfy { !$0.isEmpty }, "An answer needs at least one token.")
        precondition(
            !matching.isEmpty && matching.count < answers.count && matching.allSatisfy(answers.indices.contains),
            "A question needs an answer that matches the behaviour and one that doesn't.")
        precondition(
            answerTexts.isEmpty || answerTexts.count == answers.count, "Each answer has one text, or none has.")
        self.prompt = prompt
        self.answers = answers
        self.answerTexts = answerTexts
        self.matching = matching
        self.group = group
        self.row = row
        self.line = line
        self.isSwapped = isSwapped
    }

    /// The letter of each answer; nil if not all of them are letters (` Yes`, ` No`).
    public var answerLetters: [Character]? {
        let letters = answerTexts.compactMap { AnswerLetter($0)?.letter }
        return letters.isEmpty || letters.count < answers.count ? nil : letters
    }

    /// The rule that decides which answer a generated text gives.
    ///
    /// The item must have its answers' texts.
    public var parser: AnswerParser {
        precondition(!answerTexts.isEmpty, "A parser needs the answers' texts.")
        return AnswerParser(
            target: answerTexts.indices.filter(matching.contains).map { answerTexts[$0] },
            other: answerTexts.indices.filter { !matching.contains($0) }.map { answerTexts[$0] })
    }
}
