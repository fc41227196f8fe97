/// A part of a text: a special token, or a stretch (byte offsets) that is still to be tokenized.
enum TextSegment: Equatable, Sendable {
    case text(Range<Int>)
    case token(Int)
}

/// A text that is found in the input and becomes one token.
struct SpecialPattern: Sendable, Equatable {
    var bytes: [UInt8]
    var id: Int
    /// Whether it is found even if special tokens are plain text.
    var isAlwaysFound: Bool
    /// Whether white space before it, or after it, belongs to it.
    var stripsLeft = false
    var stripsRight = false
    /// Whether it counts only if no letter, digit or similar character is next to it.
    var isSingleWord = false
}
