import DataSets
import Tasks
import Tokenization

/// Choice questions with both answers, each read at the answer's letter.
struct CAAPairs {
    /// Matching and other answers in turn.
    let texts: [PreparedText]
    /// Whether every text is read at a letter.
    let haveLetters: Bool

    var count: Int { texts.count / 2 }

    /// Pairs the first matching answer of a question with its first other answer, the second with the second, and so
    /// on.
    init(_ questions: [ChoiceQuestion], tokenizer: Tokenizer, usesChatTemplate: Bool, file: String) throws {
        let task = try ChoiceTask(
            questions, tokenizer: tokenizer,
            options: ChoiceTaskOptions(swapsLetters: false, usesChatTemplate: usesChatTemplate), file: file)
        var texts: [PreparedText] = []
        var haveLetters = true
        for item in task.items {
            let letters = item.answerLetters
            let matching = item.answers.indices.filter(item.matching.contains)
            let others = item.answers.indices.filter { !item.matching.contains($0) }
            for pair in zip(matching, others) {
                for answer in [pair.0, pair.1] {
                    let tokens = item.answers[answer]
                    let letter = try letters.flatMap { try Self.position(of: $0[answer], in: tokens, tokenizer) }
                    haveLetters = haveLetters && letter != nil
                    let position = item.prompt.count + (letter ?? tokens.count - 1)
                    texts.append(
                        PreparedText(
                            tokens: item.prompt + tokens, positions: position..<position + 1,
                            label: answer == pair.0, group: item.group, line: item.line))
                }
            }
        }
        self.texts = texts
        self.haveLetters = haveLetters
    }

    /// The index of the answer's token that contains its letter.
    private static func position(of letter: Character, in tokens: [Int], _ tokenizer: Tokenizer) throws -> Int? {
        guard let byte = letter.asciiValue else { return nil }
        return try tokens.firstIndex { try tokenizer.bytes(of: $0).contains(byte) }
    }
}
