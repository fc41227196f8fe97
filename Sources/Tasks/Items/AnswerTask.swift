import DataFiles
import DataSets
import Statistics
import Tokenization

/// Prompts to continue freely, each with a rule that decides which side the text takes.
public struct AnswerTask: Sendable {
    /// One prompt.
    public struct Item: Sendable {
        /// The prompt's tokens, at least one.
        public var prompt: [Int]
        /// The rule that decides which side a text takes.
        public var parser: AnswerParser
        /// The name of the item's group; items of a group are not independent of each other.
        public var group: String

        /// Makes an item from a prompt and its rule.
        public init(prompt: [Int], parser: AnswerParser, group: String) {
            self.prompt = prompt
            self.parser = parser
            self.group = group
        }
    }

    /// The prompts, in the order of the data.
    public var items: [Item]

    /// Makes a task from items made elsewhere.
    public init(items: [Item]) { self.items = items }

    /// Makes a task from a data set; rows without a prompt are left out.
    ///
    /// The rules search for the letters or words of the answers of choice questions, for the words of contrast prompts,
    /// or for the words that contrasts are measured on in labelled texts.
    ///
    /// - Throws: `InputError` as ``ContrastSet`` and ``ChoiceTask`` do, or if no row has a prompt.
    public init(
        _ data: DataSet, tokenizer: Tokenizer, choices: ChoiceTaskOptions = ChoiceTaskOptions(swapsLetters: false),
        file: String
    ) throws {
        switch data {
        case .choice:
            items = try ChoiceTask(data, tokenizer: tokenizer, options: choices, file: file).items.map {
                Item(prompt: $0.prompt, parser: $0.parser, group: $0.group)
            }
        case .contrast(let rows):
            items = try rows.map { row in
                Item(
                    prompt: try tokenizer.encode(prompt: row.prompt, completion: "").prompt, parser: AnswerParser(row),
                    group: row.group)
            }
        case .labelled:
            items = try ContrastSet(data, tokenizer: tokenizer, file: file).items.map { item in
                func words(_ tokens: [Int]) throws -> [String] { try tokens.map { try tokenizer.decode([$0]) } }
                return Item(
                    prompt: item.prompt,
                    parser: AnswerParser(target: try words(item.positive), other: try words(item.negative)),
                    group: item.group)
            }
        }
        items.removeAll { $0.prompt.isEmpty }
        guard !items.isEmpty else {
            throw InputError.badData("no rows with a prompt", in: file, remedy: "add prompts to continue")
        }
    }

    /// A task with at most `count` items, evenly spaced.
    ///
    /// - Precondition: `count` is at least 1.
    public func evenly(_ count: Int) -> AnswerTask {
        precondition(count >= 1, "A task has at least one item.")
        return AnswerTask(items: items.evenly(count))
    }
}
