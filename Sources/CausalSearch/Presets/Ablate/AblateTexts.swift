import DataFiles
import DataSets
import Statistics
import Tasks
import Tokenization

/// Texts that show a behaviour and texts that don't, for the fit and for the comparison of layers.
struct AblateTexts {
    /// Texts as tokens, each up to where the model would continue.
    struct Part {
        var tokens: [[Int]] = []
        var labels: [Bool] = []
        var groups: [String] = []

        func having(_ label: Bool) -> [Int] { labels.indices.filter { labels[$0] == label } }
    }

    var fit: Part
    var validation: Part
    /// Whether the validation texts come from groups that the fit hasn't seen.
    let isHeldOut: Bool
    private let chat: ChatFormatter?
    private let tokenizer: Tokenizer

    /// Takes the first 80% of the groups, in the data's order, for the fit and the rest for validation.
    ///
    /// If a part lacks a label, both parts get all texts.
    init(_ examples: [LabelledExample], tokenizer: Tokenizer, options: AblateOptions, file: String) throws {
        try examples.requireBothClasses(file: file)
        self.tokenizer = tokenizer
        chat =
            options.usesChatTemplate && tokenizer.chatTemplate != nil ? try ChatFormatter(tokenizer) : nil
        let grouped = GroupedLabels(examples)
        let groups = grouped.groups.rowsOfGroup.count
        let border = groups - max(1, groups / 5)
        var parts: [[LabelledExample]] = [[], []]
        for (row, example) in examples.enumerated() {
            parts[grouped.groups.groupOfRow[row] < border ? 0 : 1].append(example)
        }
        isHeldOut = parts.allSatisfy { Set($0.map(\.label)).count == 2 }
        if !isHeldOut { parts = [examples, examples] }
        fit = Part()
        validation = Part()
        fit = try part(parts[0], most: options.fitTexts, file: file)
        validation = try part(parts[1], most: options.validationTexts, file: file)
    }

    var usesChatTemplate: Bool { chat != nil }

    private func part(_ examples: [LabelledExample], most: Int, file: String) throws -> Part {
        var part = Part()
        for label in [true, false] {
            for example in examples.filter({ $0.label == label }).prefix(most) {
                let ids = try tokens(example.text)
                guard !ids.isEmpty else {
                    throw InputError.badData(
                        "an empty text", in: "\(file): line \(example.line)", remedy: "give each row a text")
                }
                part.tokens.append(ids)
                part.labels.append(label)
                part.groups.append(example.group)
            }
        }
        return part
    }

    private func tokens(_ text: String) throws -> [Int] {
        try chat?.format(
            [ChatMessage(role: "user", content: text)], addGenerationPrompt: true
        ).ids ?? tokenizer.encode(text, specialTokens: .parsed, addBeginning: tokenizer.addsBeginning)
    }

    /// The texts of the fit, each read at one position, which is counted from the end: −1 for the last token.
    func prepared(position: Int) -> [PreparedText] {
        zip(fit.tokens, fit.labels).map { tokens, label in
            let read = max(0, tokens.count + position)
            return PreparedText(tokens: tokens, positions: read..<read + 1, label: label, group: "")
        }
    }

    /// Contrast items after the validation texts of one label.
    func items(_ label: Bool, positive: [Int], negative: [Int]) -> [ContrastItem] {
        validation.having(label).map {
            ContrastItem(
                prompt: validation.tokens[$0], positive: positive, negative: negative, group: validation.groups[$0])
        }
    }
}
