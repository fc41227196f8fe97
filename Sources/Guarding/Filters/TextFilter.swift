import DataFiles

/// A text to be checked: a prompt before it is answered, or an answer before it is shown.
public struct CheckedText: Sendable, Equatable {
    /// The text itself.
    public var text: String
    /// The prompt that the text answers; empty for a prompt.
    public var prompt: String
    /// The tokens of that prompt, for filters that read with the model.
    public var promptTokens: [Int]
    /// The text's own tokens, for filters that read with the model.
    public var tokens: [Int]

    /// A text; filters that only read words need no tokens.
    public init(text: String, prompt: String = "", promptTokens: [Int] = [], tokens: [Int] = []) {
        self.text = text
        self.prompt = prompt
        self.promptTokens = promptTokens
        self.tokens = tokens
    }
}

/// A check of texts that either lets a text pass or says why not.
public protocol TextFilter: Sendable {
    /// The filter's name in reports and logs.
    var name: String { get }

    /// Why a text is refused; nil if it passes.
    ///
    /// The reason is a short name of its kind (`insults`), which is counted, and never a part of the text.
    ///
    /// - Throws: `InputError` if the filter can't judge the text, which then doesn't pass; `CancellationError`.
    func reasonToRefuse(_ text: CheckedText) throws -> String?
}

/// A filter that is a closure.
public struct ClosureFilter: TextFilter {
    /// The filter's name in reports.
    public let name: String
    private let check: @Sendable (CheckedText) throws -> String?

    /// - Parameter check: gives the reason to refuse a text; nil for none.
    public init(_ name: String, check: @escaping @Sendable (CheckedText) throws -> String?) {
        self.name = name
        self.check = check
    }

    public func reasonToRefuse(_ text: CheckedText) throws -> String? { try check(text) }
}
