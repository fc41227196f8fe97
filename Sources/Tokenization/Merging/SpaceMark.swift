/// `▁` (U+2581, bytes E2 96 81), which SentencePiece writes for a space.
enum SpaceMark {
    static let bytes: [UInt8] = [0xE2, 0x96, 0x81]

    /// The text with `▁` for each space, and another `▁` at the beginning if `prefixed`.
    static func escape(_ text: UnsafeBufferPointer<UInt8>, prefixed: Bool) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(text.count + text.count / 2 + 3)
        if prefixed { result += bytes }
        for byte in text {
            if byte == 0x20 { result += bytes } else { result.append(byte) }
        }
        return result
    }

    /// Whether no piece has a `▁` after another character.
    ///
    /// If so, no merge crosses from a word into the space before the next, and each word can be merged on its own.
    static func neverFollowsText(in pieces: some Sequence<String>) -> Bool {
        for piece in pieces {
            var text = false
            for scalar in piece.unicodeScalars {
                if scalar != "\u{2581}" { text = true } else if text { return false }
            }
        }
        return true
    }

    /// Calls `body` with each word of the text: a mark with everything up to the next mark; the whole text if it must
    /// not be split.
    static func forEachWord(
        of text: UnsafeBufferPointer<UInt8>, splitting: Bool, _ body: (Range<Int>) -> Void
    ) {
        guard splitting else { return body(0..<text.count) }
        var start = 0
        var offset = 0
        var hasText = false
        while offset < text.count {
            if text[offset] == 0xE2, offset + 2 < text.count, text[offset + 1] == 0x96, text[offset + 2] == 0x81 {
                if hasText {
                    body(start..<offset)
                    start = offset
                    hasText = false
                }
                offset += 3
            } else {
                hasText = true
                offset += 1
            }
        }
        if start < text.count { body(start..<text.count) }
    }
}
