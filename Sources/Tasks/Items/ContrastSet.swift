import DataFiles
import DataSets
import Statistics
import Tokenization

/// Where contrast items come from.
public enum ContrastSource: String, Sendable, Codable {
    /// Contrast prompts of the data set.
    case contrast
    /// The answers of choice questions.
    case choice
    /// Labelled completions of the same prompts.
    case completions
    /// The tokens that best separate the labelled texts, after the beginnings of these texts, because nothing in the
    /// data set gives a contrast.
    case derived
}

/// The contrast items of a data set.
public struct ContrastSet: Sendable {
    /// The items, in the order of the data.
    public var items: [ContrastItem]
    /// Where they come from.
    public var source: ContrastSource

    /// Makes the items of a data set.
    ///
    /// - Parameter choices: how choice questions become tokens; by default as written, each once.
    /// - Throws: `InputError` if both sides of a row begin with the same token, or if labelled texts can't be
    ///   separated.
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

    /// At most `count` items, spread evenly over the set, with whole groups while there is room; for work whose cost
    /// grows with the number of items.
    ///
    /// - Precondition: `count` is at least 1.
    public func evenly(_ count: Int) -> ContrastSet {
        precondition(count >= 1, "A set has at least one item.")
        guard items.count > count else { return self }
        let groups = Groups(items.map(\.group)).rowsOfGroup.map { rows in rows.map { items[$0] } }
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

    /// Items of labelled rows in which every prompt has completions of both labels; nil for other rows.
    private static func completions(
        _ rows: [LabelledExample], tokenizer: Tokenizer, file: String
    ) throws -> [ContrastItem]? {
        let prompts = Groups(rows.map(\.prompt)).rowsOfGroup.map { own in own.map { rows[$0] } }
        guard prompts.allSatisfy({ !$0[0].prompt.isEmpty && Set($0.map(\.label)).count == 2 }) else { return nil }
        return try prompts.map { own in
            try ContrastItem(
                prompt: own[0].prompt, positive: own.filter(\.label).map(\.completion),
                negative: own.filter { !$0.label }.map(\.completion), group: own[0].group, tokenizer: tokenizer,
                place: "\(file): line \(own[0].line)")
        }
    }

    /// The maximum number of prompts and of tokens on each side that are derived: enough for a mean, few enough to be
    /// quick.
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
