/// Turns tokens back into bytes.
struct PieceDecoder: Sendable {
    /// How the vocabulary spells normal tokens.
    enum Spelling: Sendable {
        /// In the byte-level alphabet.
        case byteLevel
        /// As text in which one string stands for another (`▁` for a space), with or without tokens for single bytes.
        case text(replacements: [(from: [UInt8], to: [UInt8])], byteTokens: Bool)
    }

    /// What happens to the space that tokenizing put before a text.
    enum LeadingSpace: Sendable, Equatable {
        case kept
        /// Removes up to this many spaces from the beginning of the text (Hugging Face's `Strip`).
        case removedFromText(Int)
        /// Removes one space from the beginning of the first token (llama.cpp).
        case removedFromFirstToken
        /// Removes every `▁` of the first token (Hugging Face's `Metaspace`).
        case allRemovedFromFirstToken
    }

    var spelling: Spelling
    var leadingSpace: LeadingSpace
    /// Whether control and added tokens keep their text as it is, without replacements.
    var keepsSpecialTokens = true

    /// The bytes of one token, regardless of its position in the text.
    func bytes(of id: Int, in vocabulary: Vocabulary) -> [UInt8] {
        let text = vocabulary.texts[id]
        if keepsSpecialTokens {
            switch vocabulary.attributes[id] {
            case .control, .userDefined, .unknown: return Array(text.utf8)
            case .normal, .byte, .unused: break
            }
        }
        switch spelling {
        case .byteLevel:
            return ByteLevelAlphabet.decode(text) ?? Array(text.utf8)
        case .text(let replacements, let byteTokens):
            if byteTokens, text.utf8.count == 6, let byte = Vocabulary.byte(named: text) { return [byte] }
            return replacements.reduce(Array(text.utf8)) { ByteReplacement.replace($1.from, by: $1.to, in: $0) }
        }
    }

    /// Removes from the first tokens what the beginning of a text loses.
    struct TextStart: Sendable {
        private var leadingSpace: LeadingSpace

        init(_ leadingSpace: LeadingSpace) { self.leadingSpace = leadingSpace }

        /// The bytes of the next token, without what the beginning of a text loses.
        mutating func apply(to bytes: [UInt8]) -> [UInt8] {
            switch leadingSpace {
            case .kept: return bytes
            case .removedFromFirstToken:
                leadingSpace = .kept
                return bytes.first == 0x20 ? Array(bytes.dropFirst()) : bytes
            case .allRemovedFromFirstToken:
                leadingSpace = .kept
                return bytes.filter { $0 != 0x20 }
            case .removedFromText(let count):
                let spaces = bytes.prefix(count).prefix { $0 == 0x20 }.count
                leadingSpace = spaces == bytes.count && spaces < count ? .removedFromText(count - spaces) : .kept
                return Array(bytes.dropFirst(spaces))
            }
        }
    }
}
