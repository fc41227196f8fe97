import Checkpoints
import DataFiles

extension Tokenizer {
    /// The tokenizer in a GGUF file's metadata.
    ///
    /// Supported are `tokenizer.ggml.model` `gpt2` (byte-level BPE) and `llama` (SentencePiece BPE); texts become the
    /// ids that llama.cpp gives.
    ///
    /// - Throws: `InputError` that names the key at fault; for another model or pre-tokenizer, what is supported.
    /// - Complexity: O(vocabulary + merges).
    public init(gguf: GGUFFile) throws {
        let reader = GGUFVocabularyReader(gguf.metadata)
        guard let model = try reader.string("model") else {
            throw InputError.badData(
                "no tokenizer", in: reader.place("model"), remedy: "give a model file that has its vocabulary")
        }
        switch model {
        case "gpt2": try self.init(byteLevel: reader, gguf.metadata)
        case "llama": try self.init(sentencePiece: reader, gguf.metadata)
        default:
            throw InputError.badData(
                "the tokenizer model \(model) is not supported", in: reader.place("model"),
                remedy: "use a model with gpt2 (byte-level BPE) or llama (SentencePiece BPE)")
        }
    }

    private init(byteLevel reader: GGUFVocabularyReader, _ metadata: GGUFMetadata) throws {
        var vocabulary = try reader.vocabulary()
        let name = try reader.string("pre") ?? ""
        let named = try NamedPreTokenizer.named(name.isEmpty ? "default" : name, place: reader.place("pre"))
        let model = try RankedModel(
            reader.pieceIndex(vocabulary) { ByteLevelAlphabet.decode($0) }, merges: reader.strings("merges"),
            ignoresMerges: named.ignoresMerges, tokenCount: vocabulary.count)
        let roles = try TokenRoles(
            reader, &vocabulary, beginning: nil, end: nil, addsBeginning: named.addsBeginning)
        self.init(
            kind: TokenizerKind(algorithm: .byteLevelBPE, preTokenizer: name.isEmpty ? "default" : name),
            vocabulary: vocabulary,
            pipeline: LlamaCppPipeline(
                matcher: LongestFirstMatcher(try reader.patterns(vocabulary, metadata)),
                model: .ranked(model, named.preTokenizer)),
            decoder: PieceDecoder(spelling: .byteLevel, leadingSpace: .kept),
            roles: roles, chatTemplate: try metadata.string("tokenizer.chat_template"), place: metadata.path)
    }

    private init(sentencePiece reader: GGUFVocabularyReader, _ metadata: GGUFMetadata) throws {
        var vocabulary = try reader.vocabulary()
        let pieces = try reader.pieceIndex(vocabulary) { Array($0.utf8) }
        let unknown = try reader.id("unknown_token_id", count: vocabulary.count, default: 0)
        let model = ScoredModel(
            pieces: pieces, scores: try reader.scores(count: vocabulary.count),
            byteTokens: (0...255).map { pieces.id(of: Array(Vocabulary.byteName($0).utf8)) },
            unknown: unknown.map { Int32(truncatingIfNeeded: $0) })
        let mergeable = (0..<vocabulary.count).lazy.filter {
            vocabulary.attributes[$0] != .control && vocabulary.attributes[$0] != .unknown
        }.map { vocabulary.texts[$0] }
        let splits = SpaceMark.neverFollowsText(in: mergeable)
        let addsSpacePrefix = try reader.bool("add_space_prefix") ?? true
        let roles = try TokenRoles(reader, &vocabulary, beginning: 1, end: 2, addsBeginning: true)
        self.init(
            kind: TokenizerKind(algorithm: .sentencePieceBPE, preTokenizer: nil),
            vocabulary: vocabulary,
            pipeline: LlamaCppPipeline(
                matcher: LongestFirstMatcher(try reader.patterns(vocabulary, metadata)),
                model: .scored(model, addsSpacePrefix: addsSpacePrefix, splitsBeforeSpaceMark: splits)),
            decoder: PieceDecoder(
                spelling: .text(replacements: [(from: SpaceMark.bytes, to: [0x20])], byteTokens: true),
                leadingSpace: addsSpacePrefix ? .removedFromFirstToken : .kept),
            roles: roles, chatTemplate: try metadata.string("tokenizer.chat_template"), place: metadata.path)
    }
}

extension TokenRoles {
    /// - Parameters:
    ///   - beginning, end: the ids where the file names none; addsBeginning: likewise.
    fileprivate init(
        _ reader: GGUFVocabularyReader, _ vocabulary: inout Vocabulary, beginning: Int?, end: Int?, addsBeginning: Bool
    ) throws {
        let count = vocabulary.count
        let bos = try reader.id("bos_token_id", count: count, default: beginning)
        let eos = try reader.id("eos_token_id", count: count, default: end)
        let named = [
            eos, try reader.id("eot_token_id", count: count), try reader.id("eom_token_id", count: count),
            try reader.id("fim_pad_token_id", count: count), try reader.id("fim_rep_token_id", count: count),
            try reader.id("fim_sep_token_id", count: count),
        ]
        self.init(
            beginning: bos, end: eos, endOfGeneration: EndOfGeneration.mark(in: &vocabulary, named: named),
            addsBeginning: try reader.bool("add_bos_token") ?? addsBeginning)
    }
}

extension GGUFVocabularyReader {
    /// What is found before tokenizing. In Phi-3's models special tokens take the white space after them; files don't
    /// say so, llama.cpp knows it by the model's name.
    fileprivate func patterns(_ vocabulary: Vocabulary, _ metadata: GGUFMetadata) throws -> [SpecialPattern] {
        let name = try metadata.string("general.name")?.lowercased() ?? ""
        let isPhi3 = name.contains("phi-3") || name.contains("phi3")
        return vocabulary.specialTokens.map { token in
            SpecialPattern(
                bytes: Array(token.text.utf8), id: token.id, isAlwaysFound: token.attribute == .userDefined,
                stripsRight: isPhi3 && !["<unk>", "<s>", "<|endoftext|>"].contains(token.text))
        }
    }
}

extension RankedModel {
    /// Byte-level BPE as llama.cpp has it.
    ///
    /// - Parameters:
    ///   - merges: by rank, `LEFT RIGHT` in the byte-level alphabet. Steps that are no tokens are allowed; what can't
    ///     occur in a text is left out.
    init(_ tokens: PieceIndex, merges: [String], ignoresMerges: Bool, tokenCount: Int) throws {
        var pieces = tokens
        var expansions: [[Int32]] = []
        func symbol(_ bytes: [UInt8]) -> Int32 {
            let id = pieces.insert(bytes, id: Int32(truncatingIfNeeded: tokenCount + expansions.count))
            if Int(id) == tokenCount + expansions.count {
                // llama.cpp looks for each byte's own token, and finds those of printable ASCII characters.
                expansions.append(
                    bytes.filter { (0x21...0x7E).contains($0) }.compactMap { byte in
                        let token = tokens.id(of: [byte])
                        return token < 0 ? nil : token
                    })
            }
            return id
        }
        var table = MergeTable(minimumCapacity: merges.count)
        for (rank, merge) in merges.enumerated() {
            let utf8 = merge.utf8
            guard let second = utf8.dropFirst().firstIndex(of: 0x20),
                let left = ByteLevelAlphabet.decode(merge[..<second]),
                let right = ByteLevelAlphabet.decode(merge[utf8.index(after: second)...]),
                !left.isEmpty, !right.isEmpty
            else { continue }
            table.add(
                symbol(left), symbol(right), rank: UInt32(truncatingIfNeeded: rank), merged: symbol(left + right),
                replacing: false)
        }
        self.init(
            isByteLevel: true, pieces: pieces, merges: table, ignoresMerges: ignoresMerges,
            fallback: Fallback(leavesGaps: true), tokenCount: Int32(truncatingIfNeeded: tokenCount),
            expansions: expansions)
    }
}
