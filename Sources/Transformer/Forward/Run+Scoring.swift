import DataFiles
import Foundation

extension Run {
    /// The log-probability of each token of a completion after a prompt, teacher-forced: one pass over both.
    ///
    /// The probability of token i is read at the position before it. Edits follow their rules with the prompt's length
    /// as P: `last` means the last prompt token and every completion token. The run's sequences are left as they are.
    ///
    /// - Parameters:
    ///   - completion: at least one token.
    ///   - prompt: at least one token.
    /// - Returns: natural logarithms, one for each token of the completion.
    public func score(completion: [Int], after prompt: [Int], edits: [Edit] = []) throws -> [Double] {
        try model.check(prompt: prompt)
        try model.check(completion: completion, after: prompt)
        let index = sequences.count
        sequences.append(model.makeSequence(promptCount: prompt.count))
        defer { sequences.remove(at: index) }
        // The last token is not needed as an input, because its probability is read at the position before it.
        let tokens = prompt + completion.dropLast()
        let result = try advance([Step(sequence: index, tokens: tokens, edits: edits, logits: .last)])[0]
        return completion.enumerated().map { offset, token in
            Self.logProbability(of: token, logits: result.logits.row(offset))
        }
    }

    /// log softmax(logits)[token], in double precision.
    public static func logProbability(of token: Int, logits: ArraySlice<Float>) -> Double {
        let largest = Double(logits.max() ?? 0)
        let sum = logits.reduce(0.0) { $0 + exp(Double($1) - largest) }
        return Double(logits[logits.startIndex + token]) - largest - log(sum)
    }
}
