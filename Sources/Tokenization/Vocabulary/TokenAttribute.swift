/// The purpose of a token in a vocabulary, with GGUF's numbers from `tokenizer.ggml.token_type`.
public enum TokenAttribute: Int, Sendable, Hashable {
    /// A piece of text.
    case normal = 1
    /// Stands for text that the vocabulary can't spell.
    case unknown = 2
    /// Controls the model (`<s>`, `<|im_end|>`); text becomes this token only if special tokens are parsed.
    case control = 3
    /// A piece of text that is found before anything else, even if special tokens are plain text.
    case userDefined = 4
    /// Reserved.
    case unused = 5
    /// One byte, written `<0x0A>`.
    case byte = 6
}

/// A token that merging doesn't produce: control tokens, user-defined tokens and the unknown token.
public struct SpecialToken: Sendable, Hashable {
    /// The token's id.
    public let id: Int
    /// The token's text: `<|im_start|>`.
    public let text: String
    /// The token's purpose: control, user-defined or unknown.
    public let attribute: TokenAttribute
}
