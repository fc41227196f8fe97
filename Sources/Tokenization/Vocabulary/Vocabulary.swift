import DataFiles

/// The tokens of a model, by id.
struct Vocabulary: Sendable {
    /// Each token as spelled in its file; the empty string for an id without a token.
    private(set) var texts: [String]
    private(set) var attributes: [TokenAttribute]

    init(texts: [String], attributes: [TokenAttribute]) {
        precondition(texts.count == attributes.count, "Each token has a text and an attribute.")
        self.texts = texts
        self.attributes = attributes
    }

    var count: Int { texts.count }

    mutating func setAttribute(_ attribute: TokenAttribute, of id: Int) { attributes[id] = attribute }

    /// All tokens that merging doesn't produce, in the order of their ids.
    var specialTokens: [SpecialToken] {
        texts.indices.compactMap { id in
            switch attributes[id] {
            case .control, .userDefined, .unknown:
                SpecialToken(id: id, text: texts[id], attribute: attributes[id])
            case .normal, .unused, .byte: nil
            }
        }
    }

    /// The byte that a text such as `<0x0A>` names.
    static func byte(named text: String) -> UInt8? {
        let utf8 = Array(text.utf8)
        guard utf8.count == 6, text.hasPrefix("<0x"), utf8[5] == UInt8(ascii: ">") else { return nil }
        let digits = text.dropFirst(3).dropLast()
        return digits.allSatisfy(\.isHexDigit) ? UInt8(digits, radix: 16) : nil
    }

    /// The spelling of a byte token: `<0x0A>`.
    static func byteName(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16, uppercase: true)
        return "<0x\(digits.count < 2 ? "0" : "")\(digits)>"
    }
}
