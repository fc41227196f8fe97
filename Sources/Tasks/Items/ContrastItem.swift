import DataFiles
import DataSets
import Tokenization

/// A prompt and the tokens of two sides that could come next: what a causal effect is measured on.
public struct ContrastItem: Sendable, Equatable {
    /// The prompt's tokens, with what all answers begin with.
    public var prompt: [Int]
    /// The tokens that speak for the behaviour.
    public var positive: [Int]
    /// The tokens that speak against it.
    public var negative: [Int]
    /// Items of a group are not independent of each other.
    public var group: String

    /// A prompt with the tokens of both sides.
    public init(prompt: [Int], positive: [Int], negative: [Int], group: String) {
        self.prompt = prompt
        self.positive = positive
        self.negative = negative
        self.group = group
    }

    /// The mean logit of the positive tokens minus that of the negative ones.
    ///
    /// - Parameter logits: those of ``tokens``, in their order.
    public func difference(_ logits: [Float]) -> Double {
        func mean(_ values: ArraySlice<Float>) -> Double {
            values.reduce(0.0) { $0 + Double($1) } / Double(values.count)
        }
        return mean(logits.prefix(positive.count)) - mean(logits.dropFirst(positive.count))
    }

    /// The tokens of both sides, the positive ones first.
    public var tokens: [Int] { positive + negative }
}

/// Where contrast items came from.
public enum ContrastSource: String, Sendable, Codable {
    /// Contrast prompts of the data set.
    case contrast
    /// The answers of choice questions.
    case choice
    /// Labelled completions of the same prompts.
    case completions
    /// Nothing in the data set gives a contrast: the tokens that tell the labelled texts apart best, after the texts'
    /// own beginnings.
    case derived
}

/// The items of a data set.
public struct ContrastSet: Sendable {
    /// The items, in the order of the data.
    public var items: [ContrastItem]
    /// Where they come from.
    public var source: ContrastSource

    /// Makes the items of a data set.
    ///
    /// - Parameter choices: how choice questions become tokens; by default as they are written, each once.
    /// - Throws: `InputError` if both sides of a row begin with the same token, or labelled texts can't be told apart.
    public init(
        _ data: DataSet, tokenizer: Tokenizer, choices: ChoiceTaskOptions = ChoiceTaskOptions(swapsLetters: false),
        file: String
    ) throws {
        switch data {
        case .contrast(let rows):
            source = .contrast
            items = try rows.map { row in
                try ContrastItem(
                    prompt: row.prompt, positive: row.positive, negative: row.negative, group: row.group,
                    tokenizer: tokenizer, place: "\(file): line \(row.line)")
            }
        case .choice:
            source = .choice
            items = try ChoiceTask(data, tokenizer: tokenizer, options: choices, file: file).items.map {
                try ContrastItem($0, tokenizer: tokenizer, file: file)
            }
        case .labelled(let rows):
            if let paired = try Self.completions(rows, tokenizer: tokenizer, file: file) {
                source = .completions
                items = paired
            } else {
                source = .derived
                items = try Self.derived(rows, tokenizer: tokenizer)
            }
        }
        guard !items.isEmpty else {
            throw InputError.badData("no rows", in: file, remedy: "add contrast prompts")
        }
    }

    /// As many items as asked for, evenly spaced over the set, whole groups where there is room: for work whose cost
    /// grows with their number.
    ///
    /// - Precondition: a set has at least one item.
    public func evenly(_ count: Int) -> ContrastSet {
        precondition(count >= 1, "A set has at least one item.")
        guard items.count > count else { return self }
        var groups: [[ContrastItem]] = []
        var indexOfGroup: [String: Int] = [:]
        for item in items {
            if let index = indexOfGroup[item.group] {
                groups[index].append(item)
            } else {
                indexOfGroup[item.group] = groups.count
                groups.append([item])
            }
        }
        // Groups are taken in the order of bit-reversed indices, so that any number of them is spread evenly.
        let spread = groups.indices.sorted { (Self.reversed($0), $0) < (Self.reversed($1), $1) }
        var chosen: [(Int, [ContrastItem])] = []
        var left = count
        for index in spread where left > 0 {
            chosen.append((index, Array(groups[index].prefix(left))))
            left -= min(left, groups[index].count)
        }
        var few = self
        few.items = chosen.sorted { $0.0 < $1.0 }.flatMap(\.1)
        return few
    }

    private static func reversed(_ index: Int) -> UInt32 {
        var (bits, result) = (UInt32(truncatingIfNeeded: index), UInt32(0))
        for _ in 0..<32 {
            result = result << 1 | bits & 1
            bits >>= 1
        }
        return result
    }

    /// Labelled rows whose prompts each have completions of both labels.
    private static func completions(
        _ rows: [LabelledExample], tokenizer: Tokenizer, file: String
    ) throws -> [ContrastItem]? {
        var prompts: [String] = []
        var rowsOfPrompt: [String: [LabelledExample]] = [:]
        for row in rows {
            if rowsOfPrompt[row.prompt] == nil { prompts.append(row.prompt) }
            rowsOfPrompt[row.prompt, default: []].append(row)
        }
        guard !prompts.contains(""), rowsOfPrompt.values.allSatisfy({ Set($0.map(\.label)).count == 2 }) else {
            return nil
        }
        return try prompts.compactMap { prompt in
            guard let own = rowsOfPrompt[prompt], let first = own.first else { return nil }
            return try ContrastItem(
                prompt: prompt, positive: own.filter(\.label).map(\.completion),
                negative: own.filter { !$0.label }.map(\.completion), group: first.group, tokenizer: tokenizer,
                place: "\(file): line \(first.line)")
        }
    }

    /// The most prompts and tokens of a side that are derived: enough for a mean, few enough to be quick.
    private static let derivedPrompts = 12
    private static let derivedTokens = 8

    private static func derived(_ rows: [LabelledExample], tokenizer: Tokenizer) throws -> [ContrastItem] {
        let texts = try rows.map { try $0.tokens(tokenizer) }
        let special = Set(tokenizer.specialTokens.map(\.id))
        let tokens = try DiscriminatingTokens(
            of: texts, labels: rows.map(\.label), count: derivedTokens, excluding: special)
        let positive = tokens.positive.map(\.token)
        let negative = tokens.negative.map(\.token)
        var seen: Set<[Int]> = []
        var items: [ContrastItem] = []
        for (row, text) in zip(rows, texts) where items.count < derivedPrompts {
            let beginning = Array(text.prefix(max(1, min(4, text.count / 2))))
            guard seen.insert(beginning).inserted else { continue }
            items.append(ContrastItem(prompt: beginning, positive: positive, negative: negative, group: row.group))
        }
        return items
    }
}

extension ContrastItem {
    /// Tokenizes a prompt and its answers. What all answers begin with, `" ("` of `" (A)"` and `" (B)"`, goes to the
    /// prompt; of each answer the first token that is left counts.
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

    /// The same for a question whose answers are tokens already.
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
                "an answer that is another one's beginning", in: place, remedy: "make the answers differ")
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
