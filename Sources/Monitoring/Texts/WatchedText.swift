import DataFiles
import Generation
import Tokenization

/// A text as a model reads it under a monitor: its tokens, and how many of them are the prompt.
public struct WatchedText: Sendable, Equatable {
    /// The tokens, at least one.
    public var tokens: [Int]
    /// P, the number of prompt tokens, at least 1.
    public var promptCount: Int
    /// The text's group; a group's texts stay on one side of every split.
    public var group: String

    /// A text as tokens.
    ///
    /// - Precondition: the prompt has at least one token, and no more than the text.
    public init(tokens: [Int], promptCount: Int, group: String) {
        precondition(promptCount >= 1 && promptCount <= tokens.count, "A text's first tokens are its prompt.")
        self.tokens = tokens
        self.promptCount = promptCount
        self.group = group
    }

    /// The tokens of the prompt.
    public var prompt: [Int] { Array(tokens.prefix(promptCount)) }
    /// The tokens after the prompt.
    public var completion: [Int] { Array(tokens.dropFirst(promptCount)) }
}

/// How texts become tokens.
public struct WatchedTextPreparation: Sendable {
    /// The model's tokenizer.
    public let tokenizer: Tokenizer
    private let chat: ChatFormatter?

    /// - Parameter usesChatTemplate: whether a text's prompt becomes the user's message and its completion the
    ///   assistant's; off by default.
    /// - Throws: `InputError` if the chat template is asked for and the model has none that can be read.
    public init(_ tokenizer: Tokenizer, usesChatTemplate: Bool = false) throws {
        self.tokenizer = tokenizer
        chat = usesChatTemplate ? try ChatFormatter(tokenizer) : nil
    }

    /// The settings that the chat template is given; nil if none is used.
    public var templateSettings: ChatTemplateSettings? { chat?.settings }

    /// A text's tokens.
    ///
    /// Without a prompt the first token stands for it (P = 1), so that all that follows counts as written by the model,
    /// as in ``NeutralText``. With a chat template, a text without a prompt is the user's message.
    ///
    /// - Parameter file: the file's name in error messages.
    /// - Throws: `InputError` if the text has no tokens.
    public func prepare(_ text: PlainText, file: String = "") throws -> WatchedText {
        let place = file.isEmpty ? "line \(text.line)" : "\(file): line \(text.line)"
        var (prompt, completion): ([Int], [Int])
        if let chat {
            let message = ChatMessage(role: "user", content: text.prompt.isEmpty ? text.completion : text.prompt)
            prompt = try chat.format([message], addGenerationPrompt: true).ids
            completion = text.prompt.isEmpty ? [] : try tokenizer.encode(text.completion, specialTokens: .parsed)
        } else if text.prompt.isEmpty {
            let all = try tokenizer.encode(
                text.completion, specialTokens: .parsed, addBeginning: tokenizer.addsBeginning)
            (prompt, completion) = (Array(all.prefix(1)), Array(all.dropFirst()))
        } else {
            (prompt, completion) = try tokenizer.encode(prompt: text.prompt, completion: text.completion)
        }
        guard !prompt.isEmpty else {
            throw InputError.badData("a text without tokens", in: place, remedy: "write a text")
        }
        return WatchedText(tokens: prompt + completion, promptCount: prompt.count, group: text.group)
    }

    /// A text's tokens, all of them as a prompt that a model is to continue.
    ///
    /// - Throws: `InputError` if the text has no tokens.
    public func preparePrompt(_ text: PlainText, file: String = "") throws -> WatchedText {
        var text = try prepare(text, file: file)
        text.promptCount = text.tokens.count
        return text
    }
}
