import DataFiles
import Tokenization

/// A prompt and the tokens of two sides that could come next, for measuring a causal effect.
public struct ContrastItem: Sendable, Equatable {
    /// The prompt's tokens, followed by the tokens that all answers begin with.
    public var prompt: [Int]
    /// The tokens that speak for the behaviour.
    public var positive: [Int]
    /// The tokens that speak against it.
    public var negative: [Int]
    /// The name of the item's group; items of a group are not independent of each other.
    public var group: String

    /// Makes an item from a prompt and the tokens of both sides.
    public init(prompt: [Int], positive: [Int], negative: [Int], group: String) {
        self.prompt = prompt
        self.positive = positive
        self.negative = negative
        self.group = group
    }

    /// The mean logit of the positive tokens minus that of the negative tokens.
    ///
    /// - Parameter logits: the logits of ``tokens``, in the same order.
    public func difference(_ logits: [Float]) -> Double {
        func mean(_ values: ArraySlice<Float>) -> Double {
            values.reduce(0.0) { $0 + Double($1) } / Double(values.count)
        }
        return mean(logits.prefix(positive.count)) - mean(logits.dropFirst(positive.count))
    }

    /// The tokens of both sides, the positive ones first.
    public var tokens: [Int] { positive + negative }
}

extension ContrastItem {
    /// Makes an item from the texts of a prompt and its answers.
    ///
    /// The tokens that all answers begin with, such as `" ("` of `" (A)"` and `" (B)"`, become part of the prompt. Of
    /// each answer, the first remaining token is used.
    init(
        prompt: String, positive: [String], negative: [String], group: String, tokenizer: Tokenizer, place: String
    ) throws {
        var promptIds: [Int] = []
        let answers = try (positive + negative).map { answer in
            let ids = try tokenizer.encode(prompt: prompt, completion: answer)
            promptIds = ids.prompt
            return ids.completion
        }
        try self.init(
            prompt: promptIds, positive: Array(answers.prefix(positive.count)),
            negative: Array(answers.dropFirst(positive.count)), group: group, tokenizer: tokenizer, place: place)
    }

    /// Makes an item from a question whose answers are already tokens.
    init(_ item: ChoiceItem, tokenizer: Tokenizer, file: String) throws {
        try self.init(
            prompt: item.prompt, positive: item.answers.indices.filter(item.matching.contains).map { item.answers[$0] },
            negative: item.answers.indices.filter { !item.matching.contains($0) }.map { item.answers[$0] },
            group: item.group, tokenizer: tokenizer, place: "\(file): line \(item.line)")
    }

    private init(
        prompt: [Int], positive: [[Int]], negative: [[Int]], group: String, tokenizer: Tokenizer, place: String
    ) throws {
        let answers = positive + negative
        var common = answers.first ?? []
        for answer in answers {
            let length = zip(common, answer).prefix { $0 == $1 }.count
            common = Array(common.prefix(length))
        }
        let next = answers.compactMap { $0.dropFirst(common.count).first }
        guard next.count == answers.count else {
            throw InputError.badData(
                "an answer that is the beginning of another", in: place, remedy: "make the answers differ")
        }
        let first = Set(next.prefix(positive.count)).sorted()
        let second = Set(next.dropFirst(positive.count)).sorted()
        if let both = first.first(where: second.contains) {
            throw InputError.badData(
                "answers of both sides that begin with the same token, \"\(try tokenizer.piece(both))\"", in: place,
                remedy: "use answers that differ in their first token")
        }
        guard !(prompt + common).isEmpty else {
            throw InputError.badData("an empty prompt", in: place, remedy: "give a prompt of at least one token")
        }
        self.init(prompt: prompt + common, positive: first, negative: second, group: group)
    }
}
