/// Turns tokens into text one by one, as they are generated.
///
/// What it returns never ends within a character. All of it joined together is what `Tokenizer.decode` gives for the
/// same tokens.
///
/// ```swift
/// var decoder = StreamingDecoder(tokenizer, continuing: true)
/// for id in generated { print(try decoder.text(for: id), terminator: "") }
/// print(decoder.finish())
/// ```
public struct StreamingDecoder: Sendable {
    private let tokenizer: Tokenizer
    private var pending: [UInt8] = []
    private var textStart: PieceDecoder.TextStart

    /// - Parameter continuing: whether the tokens continue a text (as those generated after a prompt do). If so, a
    ///   leading space is kept.
    public init(_ tokenizer: Tokenizer, continuing: Bool = false) {
        self.tokenizer = tokenizer
        textStart = tokenizer.textStart(continuing: continuing)
    }

    /// The text that this token completes; often empty in the middle of a character.
    ///
    /// An id beyond the vocabulary adds nothing.
    ///
    /// - Throws: `InputError` for a negative id.
    public mutating func text(for id: Int) throws -> String {
        pending += textStart.apply(to: try tokenizer.bytes(of: id))
        let length = UTF8Boundary.completePrefix(of: pending)
        let text = String(decoding: pending[..<length], as: UTF8.self)
        pending.removeFirst(length)
        return text
    }

    /// The remaining text at the end: U+FFFD for a character that was never completed.
    public mutating func finish() -> String {
        defer { pending = [] }
        return String(decoding: pending, as: UTF8.self)
    }
}
