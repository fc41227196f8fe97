import DataFiles
import Foundation
import Tokenization

/// How labelled texts become tokens and positions.
public struct TextPreparation: Sendable {
    /// The model's tokenizer.
    public let tokenizer: Tokenizer
    /// The positions at which texts are read.
    public let positions: ReadPositions
    /// Whether texts go through the model's chat template.
    public let usesChatTemplate: Bool
    /// The model's chat template, if texts go through it.
    private let chat: ChatFormatter?

    /// - Parameter usesChatTemplate: whether a row's prompt becomes the user's message and its completion the
    ///   assistant's (a row without a prompt is the user's message). Off by default: texts are read as they are.
    /// - Throws: `InputError` if the chat template is asked for and the model has none that can be read.
    public init(_ tokenizer: Tokenizer, positions: ReadPositions = .last, usesChatTemplate: Bool = false) throws {
        self.tokenizer = tokenizer
        self.positions = positions
        self.usesChatTemplate = usesChatTemplate
        chat = usesChatTemplate ? try ChatFormatter(tokenizer) : nil
    }

    /// A text's tokens, with the beginning-of-sequence token if the model asks for it, and the positions to read.
    ///
    /// - Parameter file: the file's name in error messages.
    /// - Throws: `InputError` if the text is empty, marks no span although one is to be read, or the template doesn't
    ///   show it.
    public func prepare(_ example: LabelledExample, file: String = "") throws -> PreparedText {
        let place = file.isEmpty ? "line \(example.line)" : "\(file): line \(example.line)"
        let text: String
        let tokens: [Int]
        // Where the completion is in the text, in UTF-8 bytes.
        let completion: Range<Int>
        if let chat {
            let messages =
                example.prompt.isEmpty
                ? [ChatMessage(role: "user", content: example.completion)]
                : [
                    ChatMessage(role: "user", content: example.prompt),
                    ChatMessage(role: "assistant", content: example.completion),
                ]
            let formatted = try chat.format(messages, addGenerationPrompt: false)
            (text, tokens) = (formatted.text, formatted.ids)
            // Templates trim what they are given.
            let shown = String(example.completion.trimmingWhitespace())
            guard let range = text.utf8Ranges(of: shown).last else {
                throw InputError.badData(
                    "a completion that the chat template doesn't show", in: place,
                    remedy: "read the text without the template")
            }
            completion = range
        } else {
            text = example.text
            tokens = try tokenizer.encode(text, specialTokens: .parsed, addBeginning: tokenizer.addsBeginning)
            completion = example.prompt.utf8.count..<text.utf8.count
        }
        guard !tokens.isEmpty else {
            throw InputError.badData("an empty text", in: place, remedy: "give each row a text")
        }
        let read: Range<Int>
        switch positions {
        case .last: read = tokens.count - 1..<tokens.count
        case .all: read = 0..<tokens.count
        case .completion:
            let touching = try tokenRange(tokens, in: text, of: completion, place: place)
            read = touching.upperBound - 1..<touching.upperBound
        case .span:
            guard let span = example.span else {
                throw InputError.badData(
                    "a row without a marked span", in: place, remedy: "add the field span: the words to read")
            }
            read = try tokenRange(tokens, in: text, of: try shownSpan(span, of: example, in: text), place: place)
        }
        return PreparedText(
            tokens: tokens, positions: read, label: example.label, group: example.group, line: example.line)
    }

    /// Where a span of an example's text is in the text that the model reads.
    private func shownSpan(_ span: Range<Int>, of example: LabelledExample, in text: String) throws -> Range<Int> {
        guard chat != nil else { return span }
        let words = String(decoding: Array(example.text.utf8)[span], as: UTF8.self)
        let isInCompletion = span.lowerBound >= example.prompt.utf8.count
        let part = String((isInCompletion ? example.completion : example.prompt).trimmingWhitespace())
        let within = part.utf8Ranges(of: words)
        let whole = text.utf8Ranges(of: part)
        guard let offset = isInCompletion ? within.last : within.first,
            let start = isInCompletion ? whole.last : whole.first
        else {
            throw InputError.badData(
                "a span that the chat template doesn't show in full", in: "line \(example.line)",
                remedy: "mark words within the prompt or the completion")
        }
        return start.lowerBound + offset.lowerBound..<start.lowerBound + offset.upperBound
    }

    /// The tokens that overlap some bytes of the text.
    private func tokenRange(
        _ tokens: [Int], in text: String, of bytes: Range<Int>, place: String
    ) throws -> Range<Int> {
        let text = Array(text.utf8)
        var (first, last): (Int?, Int?) = (nil, nil)
        var cursor = 0
        for (index, token) in tokens.enumerated() {
            if index == 0, token == tokenizer.bosToken, tokenizer.addsBeginning,
                !text.starts(with: try tokenizer.bytes(of: token))
            {
                continue
            }
            var piece = try tokenizer.bytes(of: token)[...]
            // SentencePiece writes a space that the text doesn't have.
            if !text[cursor...].starts(with: piece), piece.first == 0x20 { piece = piece.dropFirst() }
            guard text[cursor...].starts(with: piece) else {
                throw InputError.badData(
                    "a text that its tokens don't spell exactly, so that positions in it can't be found", in: place,
                    remedy: "read the last position, or write the text in its composed form (Unicode NFC)")
            }
            let range = cursor..<cursor + piece.count
            cursor = range.upperBound
            if range.overlaps(bytes) {
                first = first ?? index
                last = index
            }
        }
        guard let first, let last else {
            throw InputError.badData(
                "nothing to read at", in: place, remedy: "mark a part of the text that is not empty")
        }
        return first..<last + 1
    }
}

extension TextPreparation {
    /// What the texts went through, as files name it: `none`, or a digest of the chat template's text.
    public var templateName: String {
        guard usesChatTemplate, let source = tokenizer.chatTemplate else { return "none" }
        var digest = FNV1a()
        digest.append(source.utf8)
        return "chat template, FNV-1a \(digest.text)"
    }
}

extension LabelledExample {
    /// The tokens of the whole text, with the beginning-of-sequence token if the model asks for it.
    ///
    /// - Throws: `InputError` if the text is empty.
    public func tokens(_ tokenizer: Tokenizer) throws -> [Int] {
        try TextPreparation(tokenizer).prepare(self).tokens
    }
}
