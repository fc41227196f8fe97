import DataSets
import Reporting

extension DataSet {
    /// A prompt from the user's own data, for the commands that are suggested: the first row's prompt or question, or
    /// the first words of its text.
    var examplePrompt: String {
        switch self {
        case .labelled(let rows):
            let prompt = rows.first { !$0.prompt.isEmpty }?.prompt
            return prompt.map { Self.shortened($0, words: 12) } ?? Self.shortened(rows.first?.text ?? "", words: 4)
        case .choice(let rows): return Self.shortened(rows.first?.question ?? "", words: 12)
        case .contrast(let rows): return Self.shortened(rows.first?.prompt ?? "", words: 12)
        }
    }

    private static func shortened(_ text: String, words: Int) -> String {
        let all = TextWrapping.printable(text).split(whereSeparator: \.isWhitespace)
        return all.isEmpty ? "The last few days were" : all.prefix(words).joined(separator: " ")
    }
}
