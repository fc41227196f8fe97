import DataFiles

/// Reads the `model` of a `tokenizer.json`: byte-pair encoding with its vocabulary and merges.
struct BPEModelReader {
    private let field: JSONField
    /// Each piece with its id, in file order.
    let entries: [(text: String, id: Int)]
    let unknownText: String?
    let hasByteFallback: Bool
    private let ids: PieceIndex

    init(_ field: JSONField) throws {
        self.field = field
        let type = try field.field("type")?.string() ?? "BPE"
        guard type == "BPE" else { throw field.unsupported("the model \(type)", supported: "a BPE model") }
        for key in ["continuing_subword_prefix", "end_of_word_suffix"] {
            if let affix = try field.field(key), !(try affix.string().isEmpty) {
                throw affix.unsupported(key, supported: "pieces without marks of words")
            }
        }
        if let dropout = try field.field("dropout") {
            guard case .number(let rate) = dropout.content, rate.double == 0 else {
                throw dropout.unsupported("dropout", supported: "merges that are not left out at random")
            }
        }
        let vocabulary = try field.required("vocab")
        guard case .object(let pieces) = vocabulary.content else { throw vocabulary.error("no object of pieces") }
        entries = try pieces.map { piece in
            guard case .number(let number) = piece.value.content, let id = number.integer, (0..<1 << 24).contains(id)
            else {
                throw JSONField(piece.value, file: vocabulary.file, path: vocabulary.path).error(
                    "the piece \(piece.name.debugDescription) without an id from 0 on")
            }
            return (piece.name, id)
        }
        var ids = PieceIndex(minimumCapacity: entries.count)
        for entry in entries { ids.insert(Array(entry.text.utf8), id: Int32(truncatingIfNeeded: entry.id)) }
        self.ids = ids
        unknownText = try field.field("unk_token")?.string()
        hasByteFallback = try field.field("byte_fallback")?.bool() ?? false
    }

    /// The id of a piece, spelled as in the file.
    func id(_ text: String) -> Int? {
        let id = ids.id(of: Array(text.utf8))
        return id < 0 ? nil : Int(id)
    }

    /// The model.
    ///
    /// - Throws: `InputError` if a merge names something that is not a piece.
    func model(isByteLevel: Bool, tokenCount: Int) throws -> RankedModel {
        var pieces = ids
        if isByteLevel {
            pieces = PieceIndex(minimumCapacity: entries.count)
            for entry in entries.reversed() {
                guard let bytes = ByteLevelAlphabet.decode(entry.text) else { continue }
                pieces.insert(bytes, id: Int32(truncatingIfNeeded: entry.id))
            }
        }
        var fallback = RankedModel.Fallback()
        if let unknownText {
            guard let id = id(unknownText) else {
                throw field.error("the unk_token \(unknownText) is not in the vocabulary")
            }
            fallback.unknown = Int32(truncatingIfNeeded: id)
        }
        fallback.fusesUnknown = try field.field("fuse_unk")?.bool() ?? false
        if hasByteFallback {
            fallback.bytes = (0...255).map { ids.id(of: Array(Vocabulary.byteName($0).utf8)) }
        }
        return RankedModel(
            isByteLevel: isByteLevel, pieces: pieces, merges: try merges(),
            wholeWords: try field.field("ignore_merges")?.bool() ?? false ? .all : .none, fallback: fallback,
            tokenCount: Int32(truncatingIfNeeded: tokenCount))
    }

    private func merges() throws -> MergeTable {
        let merges = try field.required("merges")
        guard case .array(let pairs) = merges.content else { throw merges.error("no array of merges") }
        var table = MergeTable(minimumCapacity: pairs.count)
        for (rank, value) in pairs.enumerated() {
            func error(_ problem: String) -> InputError { merges.element(rank, of: pairs).error(problem) }
            guard let (left, right) = Self.pair(value) else { throw error("no pair of pieces") }
            let leftID = ids.id(of: left)
            let rightID = ids.id(of: right)
            let merged = ids.id(of: left + right)
            guard leftID >= 0, rightID >= 0, merged >= 0 else {
                let missing = leftID < 0 ? left : rightID < 0 ? right : left + right
                throw error(
                    "a merge of \(String(decoding: missing, as: UTF8.self).debugDescription), which is no piece")
            }
            table.add(
                leftID, rightID, rank: UInt32(truncatingIfNeeded: rank), merged: merged, replacing: true)
        }
        return table
    }

    /// `"LEFT RIGHT"` or `["LEFT", "RIGHT"]`.
    private static func pair(_ value: JSONValue) -> (left: [UInt8], right: [UInt8])? {
        switch value.content {
        case .string(let text):
            let parts = text.utf8.split(separator: 0x20, omittingEmptySubsequences: false)
            return parts.count == 2 ? (Array(parts[0]), Array(parts[1])) : nil
        case .array(let parts):
            guard parts.count == 2, case .string(let left) = parts[0].content,
                case .string(let right) = parts[1].content
            else { return nil }
            return (Array(left.utf8), Array(right.utf8))
        default: return nil
        }
    }
}
