/// What a token of a vocabulary is there for, as GGUF numbers it in `tokenizer.ggml.token_type`.
public enum TokenAttribute: Int, Sendable, Hashable {
    /// A piece of text.
    case normal = 1
    /// Stands for what the vocabulary can't spell.
    case unknown = 2
    /// Steers the model (`<s>`, `<|im_end|>`); text becomes it only where special tokens are parsed.
    case control = 3
    /// A piece of text that is found before anything else, even where special tokens are plain text.
    case userDefined = 4
    /// Reserved.
    case unused = 5
    /// One byte, written `<0x0A>`.
    case byte = 6
}

/// A token that is not found by merging: control tokens, user-defined ones and the unknown token.
public struct SpecialToken: Sendable, Hashable {
    /// The token's id.
    public let id: Int
    /// How it is written: `<|im_start|>`.
    public let text: String
    /// What it is there for: control, user-defined or unknown.
    public let attribute: TokenAttribute
}
