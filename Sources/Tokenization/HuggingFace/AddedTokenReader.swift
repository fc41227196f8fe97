/// Reads the `added_tokens` of a `tokenizer.json`: tokens that are found before anything else.
struct AddedTokenReader {
    struct Token {
        var text: String
        var id: Int
        var isSpecial: Bool
        var isNormalized: Bool
        var stripsLeft: Bool
        var stripsRight: Bool
        var isSingleWord: Bool
    }

    let tokens: [Token]

    init(tokens: [Token]) { self.tokens = tokens }

    init(_ field: JSONField?) throws {
        tokens = try (field?.elements() ?? []).map { token in
            func flag(_ key: String) throws -> Bool { try token.field(key)?.bool() ?? false }
            let isSpecial = try flag("special")
            return Token(
                text: try token.required("content").string(), id: try token.required("id").id(), isSpecial: isSpecial,
                isNormalized: try token.field("normalized")?.bool() ?? !isSpecial, stripsLeft: try flag("lstrip"),
                stripsRight: try flag("rstrip"), isSingleWord: try flag("single_word"))
        }
    }

    /// Finds the added tokens: in the raw text, or in the normalized text (with the tokens normalized too).
    func matcher(normalized: Bool, normalizers: [TextNormalizer]) -> LeftmostLongestMatcher {
        // Hugging Face's library puts special tokens first; if texts are equal, the first one wins.
        let ordered = tokens.filter(\.isSpecial) + tokens.filter { !$0.isSpecial }
        return LeftmostLongestMatcher(
            ordered.filter { $0.isNormalized == normalized && !$0.text.isEmpty }.map { token in
                let bytes = Array(token.text.utf8)
                return SpecialPattern(
                    bytes: normalized ? normalizers.reduce(bytes) { $1.apply(to: $0) } : bytes, id: token.id,
                    isAlwaysFound: !token.isSpecial, stripsLeft: token.stripsLeft, stripsRight: token.stripsRight,
                    isSingleWord: token.isSingleWord)
            })
    }
}
