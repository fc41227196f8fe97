import Checkpoints
import DataFiles

extension Tokenizer {
    /// The tokenizer in a GGUF file's metadata.
    ///
    /// It supports three values of `tokenizer.ggml.model`: `gpt2` (byte-level BPE), `llama` (SentencePiece BPE) and
    /// `gemma4` (BPE over characters). It gives the same ids as llama.cpp.
    ///
    /// - Throws: `InputError` that names the key at fault and, for an unsupported model or pre-tokenizer, the supported
    ///   ones.
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
        case "gemma4": try self.init(characters: reader, gguf.metadata)
        default:
            let known = ["bert": "WordPiece", "t5": "SentencePiece unigram"][model].map { " (\($0))" } ?? ""
            throw InputError.unsupported(
                "the tokenizer model \(model)\(known) is not supported", in: reader.place("model"),
                remedy: "use a model with gpt2 (byte-level BPE), llama (SentencePiece BPE) or gemma4")
        }
    }

    private init(byteLevel reader: GGUFVocabularyReader, _ metadata: GGUFMetadata) throws {
        var vocabulary = try reader.vocabulary()
        let name = try reader.string("pre") ?? ""
        let named = try NamedPreTokenizer.named(name.isEmpty ? "default" : name, place: reader.place("pre"))
        var merges = LlamaCppMerges(
            try reader.pieceIndex(vocabulary) { ByteLevelAlphabet.decode($0) }, tokenCount: vocabulary.count)
        // llama.cpp looks up a token for each byte, and finds those of printable ASCII characters.
        merges.bytes = (0...255).map { (0x21...0x7E).contains($0) ? merges.tokens.id(of: [$0]) : -1 }
        let model = merges.model(
            try reader.strings("merges"), isByteLevel: true, wholeWords: named.ignoresMerges ? .all : .none,
            spell: { ByteLevelAlphabet.append($0, to: &$1) })
        let roles = try TokenRoles(
            reader, &vocabulary, beginning: nil, end: nil, addsBeginning: named.addsBeginning)
        self.init(
            kind: TokenizerKind(algorithm: .byteLevelBPE, preTokenizer: name.isEmpty ? "default" : name),
            vocabulary: vocabulary,
            pipeline: LlamaCppPipeline(
                matcher: LongestFirstMatcher(try reader.patterns(vocabulary, metadata)),
                model: .ranked(model, named.preTokenizer, escapesSpaces: false)),
            decoder: PieceDecoder(spelling: .byteLevel, leadingSpace: .kept),
            roles: roles, chatTemplate: try metadata.string("tokenizer.chat_template"), place: metadata.path)
    }

    private init(characters reader: GGUFVocabularyReader, _ metadata: GGUFMetadata) throws {
        var vocabulary = try reader.vocabulary()
        var merges = LlamaCppMerges(
            try reader.pieceIndex(vocabulary) { Array($0.utf8) }, tokenCount: vocabulary.count)
        merges.bytes = (0...255).map { merges.tokens.id(of: Array(Vocabulary.byteName($0).utf8)) }
        let model = merges.model(try reader.strings("merges"), isByteLevel: false, wholeWords: .lineFeeds) {
            $1.append(contentsOf: $0.utf8)
            return true
        }
        var roles = try TokenRoles(reader, &vocabulary, beginning: nil, end: nil, addsBeginning: true)
        // This ignores the file, as llama.cpp does: it knows that a file that says no is wrong.
        roles.addsBeginning = true
        self.init(
            kind: TokenizerKind(algorithm: .characterBPE, preTokenizer: "gemma4"), vocabulary: vocabulary,
            pipeline: LlamaCppPipeline(
                matcher: LongestFirstMatcher(try reader.patterns(vocabulary, metadata)),
                model: .ranked(
                    model, PreTokenizer(stages: [try KnownPattern.isolated(#"[^\n]+|[\n]+"#)]), escapesSpaces: true)),
            decoder: PieceDecoder(
                spelling: .text(replacements: [(from: SpaceMark.bytes, to: [0x20])], byteTokens: true),
                leadingSpace: .kept),
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
    ///   - beginning, end: the ids to use if the file has none; `addsBeginning` is used in the same way.
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
            beginning: bos, end: eos, endOfGeneration: EndOfGeneration.find(in: &vocabulary, named: named),
            addsBeginning: try reader.bool("add_bos_token") ?? addsBeginning)
    }
}

extension GGUFVocabularyReader {
    /// The special tokens that are found before tokenizing.
    ///
    /// In Phi-3's models, special tokens take in the white space after them. Files don't say so; llama.cpp decides by
    /// the model's name.
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
