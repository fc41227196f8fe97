import DataFiles

/// A text to be checked: a prompt before it is answered, or an answer before it is shown.
public struct CheckedText: Sendable, Equatable {
    /// The text itself.
    public var text: String
    /// What it answers; empty for a prompt.
    public var prompt: String
    /// The tokens of what it answers, and its own; for filters that read with the model.
    public var promptTokens: [Int]
    /// See ``promptTokens``.
    public var tokens: [Int]

    /// A text; filters that only read words need no tokens.
    public init(text: String, prompt: String = "", promptTokens: [Int] = [], tokens: [Int] = []) {
        self.text = text
        self.prompt = prompt
        self.promptTokens = promptTokens
        self.tokens = tokens
    }
}

/// A check of texts that either lets one pass or says why not.
public protocol TextFilter: Sendable {
    /// What reports and logs call the filter.
    var name: String { get }

    /// Why a text is refused; nil for one that passes. A short name of a kind of reason (`insults`), which is counted, never
    /// a part of the text.
    ///
    /// - Throws: `InputError` if the filter can't judge: what can't be judged doesn't pass; `CancellationError`.
    func reasonToRefuse(_ text: CheckedText) throws -> String?
}

/// A filter that is a closure.
public struct ClosureFilter: TextFilter {
    /// What reports call it.
    public let name: String
    private let check: @Sendable (CheckedText) throws -> String?

    /// - Parameter check: gives the reason to refuse a text, nil for none.
    public init(_ name: String, check: @escaping @Sendable (CheckedText) throws -> String?) {
        self.name = name
        self.check = check
    }

    public func reasonToRefuse(_ text: CheckedText) throws -> String? { try check(text) }
}
