/// Reads the `normalizer` of a `tokenizer.json`.
enum NormalizerReader {
    static let supported = "NFC, NFD, NFKC, NFKD, Prepend, Replace or a Sequence of them"

    /// - Parameter field: nil for a tokenizer without a normalizer.
    static func read(_ field: JSONField?, depth: Int = 0) throws -> [TextNormalizer] {
        guard let field else { return [] }
        guard depth < 8 else { throw field.error("a Sequence within too many others") }
        let type = try field.required("type").string()
        switch type {
        case "Sequence":
            let steps = try field.required("normalizers").elements().flatMap { try read($0, depth: depth + 1) }
            guard steps.count <= 16 else { throw field.error("\(steps.count) normalizers") }
            try requireModest(
                steps.compactMap { if case .replace(let old, let new) = $0 { (old, new) } else { nil } }, field)
            return steps
        case "NFC": return [.nfc]
        case "NFD": return [.nfd]
        case "NFKC": return [.nfkc]
        case "NFKD": return [.nfkd]
        case "Prepend":
            return [.prepend(try short(field.required("prepend")))]
        case "Replace":
            let (old, new) = try replacement(field)
            return [.replace(from: old, to: new)]
        default: throw field.unsupported("the normalizer \(type)", supported: supported)
        }
    }

    /// The two texts of a `Replace`, used here and in decoders.
    static func replacement(_ field: JSONField) throws -> (from: [UInt8], to: [UInt8]) {
        let pattern = try field.required("pattern")
        guard let old = try pattern.field("String") else {
            throw pattern.unsupported("a Replace by a regular expression", supported: "a Replace of a string")
        }
        return (Array(try old.string().utf8), try short(field.required("content")))
    }

    /// Rejects replacements that, applied in sequence, could turn a short text into a very long one.
    static func requireModest(_ replacements: [(from: [UInt8], to: [UInt8])], _ field: JSONField) throws {
        var growth = 1
        for (old, new) in replacements where old.count > 0 {
            growth *= max(1, (new.count + old.count - 1) / old.count)
            guard growth <= 64 else {
                throw field.unsupported("a row of replacements by longer texts", supported: "a few replacements")
            }
        }
    }

    /// A replacement text that is short enough not to make texts very long.
    private static func short(_ field: JSONField) throws -> [UInt8] {
        let text = Array(try field.string().utf8)
        guard text.count <= 16 else {
            throw field.unsupported("a replacement of \(text.count) bytes", supported: "one of at most 16 bytes")
        }
        return text
    }
}
