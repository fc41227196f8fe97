/// Reads the `decoder` of a `tokenizer.json`.
enum DecoderReader {
    static let supported = "ByteLevel, Metaspace, or a Sequence of Replace, ByteFallback, Fuse and Strip"

    static func read(_ field: JSONField) throws -> PieceDecoder {
        let type = try field.required("type").string()
        switch type {
        case "ByteLevel": return PieceDecoder(spelling: .byteLevel, leadingSpace: .kept)
        case "Metaspace":
            let scheme = try PreTokenizerReader.scheme(field)
            return PieceDecoder(
                spelling: .text(replacements: [(from: SpaceMark.bytes, to: [0x20])], byteTokens: false),
                leadingSpace: scheme == .never ? .kept : .allRemovedFromFirstToken, keepsSpecialTokens: false)
        case "Sequence": return try sequence(field)
        default: throw field.unsupported("the decoder \(type)", supported: supported)
        }
    }

    private static func sequence(_ field: JSONField) throws -> PieceDecoder {
        var replacements: [(from: [UInt8], to: [UInt8])] = []
        var byteTokens = false
        var leadingSpaces = 0
        let elements = try field.required("decoders").elements()
        for element in elements {
            let type = try element.required("type").string()
            switch type {
            case "Replace": replacements.append(try NormalizerReader.replacement(element))
            case "ByteFallback": byteTokens = true
            case "Fuse": break
            case "Strip":
                let content = try element.field("content")?.string() ?? " "
                let stop = try element.field("stop")?.integer() ?? 0
                let start = try element.field("start")?.integer() ?? 0
                guard content == " ", stop == 0, (0...64).contains(start), leadingSpaces <= 64 else {
                    throw element.unsupported("a Strip of other than leading spaces", supported: "a Strip of those")
                }
                leadingSpaces += start
            case "ByteLevel" where elements.count == 1, "Metaspace" where elements.count == 1:
                return try read(element)
            default: throw element.unsupported("the decoder \(type)", supported: supported)
            }
        }
        try NormalizerReader.requireModest(replacements, field)
        return PieceDecoder(
            spelling: .text(replacements: replacements, byteTokens: byteTokens),
            leadingSpace: leadingSpaces > 0 ? .removedFromText(leadingSpaces) : .kept, keepsSpecialTokens: false)
    }
}
