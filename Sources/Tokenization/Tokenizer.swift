import Checkpoints
import DataFiles
import Foundation

/// Which algorithm a tokenizer uses.
public struct TokenizerKind: Sendable, Hashable, CustomStringConvertible {
    /// The ways in which words become tokens.
    public enum Algorithm: String, Sendable, Hashable {
        /// Merges of bytes (GPT-2, Llama 3, Qwen 2).
        case byteLevelBPE = "byte-level BPE"
        /// Merges of pieces by their scores (Llama 2, Gemma).
        case sentencePieceBPE = "SentencePiece BPE"
        /// BPE over characters by ranked merges, as `tokenizer.json` spells SentencePiece models.
        case characterBPE = "BPE over characters"
    }

    /// How words become tokens.
    public var algorithm: Algorithm
    /// The pre-tokenizer's name where the file gives one: `smollm`, `llama-bpe`.
    public var preTokenizer: String?

    /// `byte-level BPE, pre-tokenizer smollm`
    public var description: String {
        preTokenizer.map { "\(algorithm.rawValue), pre-tokenizer \($0)" } ?? algorithm.rawValue
    }
}

/// What a text that looks like a special token (`<|im_start|>`) is.
public enum SpecialTokenHandling: Sendable, Hashable {
    /// It is the special token.
    case parsed
    /// It is text like any other; only user-defined tokens, which are text themselves, are found.
    case plainText
}

/// Which tokens have a role.
struct TokenRoles: Sendable {
    var beginning: Int?
    var end: Int?
    var endOfGeneration: Set<Int>
    var addsBeginning: Bool
}

/// A model's tokenizer: texts to token ids and back.
///
/// A value that is cheap to copy. Reads GGUF files (also those that hold only a vocabulary) and Hugging Face folders,
/// and gives the ids that llama.cpp gives for the former, Hugging Face's `tokenizers` for the latter.
///
/// ```swift
/// let tokenizer = try Tokenizer(contentsOf: URL(filePath: "model.gguf"))
/// let ids = try tokenizer.encode("My day at work was", specialTokens: .parsed)
/// let text = try tokenizer.decode(ids)
/// ```
public struct Tokenizer: Sendable {
    /// Which algorithm it uses.
    public let kind: TokenizerKind
    /// The model's chat template (Jinja), if it has one.
    public let chatTemplate: String?
    /// What the template is told besides the messages, wherever it is used with this tokenizer.
    public var templateSettings = ChatTemplateSettings()
    /// The control, user-defined and unknown tokens, in the order of their ids.
    public let specialTokens: [SpecialToken]
    /// The file or folder that the tokenizer was read from, for messages.
    public let place: String
    let vocabulary: Vocabulary
    private let pipeline: any EncodingPipeline
    private let decoder: PieceDecoder
    private let roles: TokenRoles

    /// The longest text that is accepted, in bytes: offsets are kept in 32 bits.
    public static let longestText = 1 << 28

    init(
        kind: TokenizerKind, vocabulary: Vocabulary, pipeline: any EncodingPipeline, decoder: PieceDecoder,
        roles: TokenRoles, chatTemplate: String?, place: String
    ) {
        self.kind = kind
        self.vocabulary = vocabulary
        self.pipeline = pipeline
        self.decoder = decoder
        self.roles = roles
        self.chatTemplate = chatTemplate
        self.place = place
        specialTokens = vocabulary.specialTokens
    }

    /// The tokenizer of a model: a `.gguf` file, or a Hugging Face folder with a `tokenizer.json`.
    ///
    /// - Throws: `InputError` of the kind `.missingFile`, or `.badData` that names what is wrong or not supported.
    public init(contentsOf url: URL) throws { try self.init(ModelFiles(contentsOf: url)) }

    /// The tokenizer of a model whose files are at hand, those of a sealed model for example; see ``init(contentsOf:)``.
    public init(_ files: ModelFiles) throws {
        switch files {
        case .file(let file, let folder): try self.init(gguf: GGUFFile(file, in: folder))
        case .folder(let folder): try self.init(huggingFaceFolder: folder)
        }
    }

    /// The tokenizer of a checkpoint that is open already: a GGUF file is not read again.
    ///
    /// - Throws: `InputError` of the kind `.missingFile`, or `.badData` that names what is wrong or not supported.
    public init(_ checkpoint: Checkpoint) throws {
        switch checkpoint {
        case .gguf(let file): try self.init(gguf: file)
        case .huggingFace(let folder): try self.init(huggingFaceFolder: folder.folder)
        }
    }

    // MARK: Properties

    /// The number of ids, from 0 on.
    public var vocabularyCount: Int { vocabulary.count }
    /// The token that begins a sequence, if there is one.
    public var bosToken: Int? { roles.beginning }
    /// The token that ends a sequence, if there is one.
    public var eosToken: Int? { roles.end }
    /// All tokens after which a generation is over: ends of a sequence, a turn, a message.
    public var endOfGenerationTokens: Set<Int> { roles.endOfGeneration }
    /// Whether the model wants `bosToken` before a plain prompt (a chat template writes it itself).
    public var addsBeginning: Bool { roles.addsBeginning && roles.beginning != nil }

    // MARK: Encoding

    /// The ids of a text.
    ///
    /// - Parameters:
    ///   - specialTokens: what a text that looks like a special token is.
    ///   - addBeginning: whether `bosToken` comes first; the default leaves it out. See `addsBeginning`.
    /// - Throws: `InputError` where `addBeginning` is asked of a model without `bosToken`, or the text is longer than
    ///   `longestText`.
    /// - Complexity: O(n log n) in the worst case (one long word), O(n) for usual texts.
    public func encode(
        _ text: String, specialTokens: SpecialTokenHandling, addBeginning: Bool = false
    ) throws -> [Int] {
        var text = text
        guard text.utf8.count <= Self.longestText else {
            throw InputError.usage(
                "a text of \(text.utf8.count) bytes",
                remedy: "split it: at most \(Self.longestText) are tokenized at once")
        }
        let ids = try text.withUTF8 { try pipeline.encode($0, parsing: specialTokens == .parsed) }
        guard addBeginning else { return ids }
        guard let bosToken else {
            throw InputError.usage(
                "\(place) has no beginning-of-sequence token", remedy: "leave out the request for it")
        }
        return [bosToken] + ids
    }

    // MARK: Decoding

    /// The text of a sequence of tokens, special ones included.
    ///
    /// Ids beyond the vocabulary have no text: many models' embeddings have more rows than their vocabularies tokens, and
    /// a model can choose such a row like any other. Where a person gave the ids, see `requireTokens(_:)`.
    ///
    /// - Parameter continuing: whether the tokens go on with a text (those generated after a prompt). Where not, the
    ///   space that SentencePiece puts before every text is taken away again.
    /// - Throws: `InputError` for a negative id.
    public func decode(_ ids: [Int], continuing: Bool = false) throws -> String {
        var bytes: [UInt8] = []
        var textStart = textStart(continuing: continuing)
        for id in ids { bytes += textStart.apply(to: try self.bytes(of: id)) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The bytes that a token stands for: not always whole characters; none for an id beyond the vocabulary.
    ///
    /// - Throws: `InputError` for a negative id.
    public func bytes(of id: Int) throws -> [UInt8] {
        if id < 0 { try requireTokens([id]) }
        guard id < vocabulary.count else { return [] }
        return decoder.bytes(of: id, in: vocabulary)
    }

    /// A token as a person would read it: its text, or what the vocabulary calls it where its bytes are no text; nothing for
    /// an id beyond the vocabulary.
    ///
    /// - Throws: `InputError` for a negative id.
    public func piece(_ id: Int) throws -> String {
        let bytes = try bytes(of: id)
        return String(validating: bytes, as: UTF8.self) ?? vocabulary.texts[id]
    }

    /// The id of the token that the vocabulary spells so, special or not; nil for none. O(vocabulary).
    public func token(spelled text: String) -> Int? {
        vocabulary.texts.firstIndex { $0.utf8.elementsEqual(text.utf8) }
    }

    func textStart(continuing: Bool) -> PieceDecoder.TextStart {
        PieceDecoder.TextStart(continuing ? .kept : decoder.leadingSpace)
    }

    /// Makes sure that the vocabulary has the tokens, for ids that a person gave.
    ///
    /// - Throws: `InputError` of the kind `.usage` that names the first one that it lacks.
    public func requireTokens(_ ids: [Int]) throws {
        guard let id = ids.first(where: { !vocabulary.texts.indices.contains($0) }) else { return }
        throw InputError.usage(
            "no token \(id) in the vocabulary of \(place)", remedy: "give ids from 0 to \(vocabulary.count - 1)")
    }
}
