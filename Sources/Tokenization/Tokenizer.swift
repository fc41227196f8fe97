import Checkpoints
import DataFiles
import Foundation

/// The algorithm that a tokenizer uses.
public struct TokenizerKind: Sendable, Hashable, CustomStringConvertible {
    /// The algorithms that turn words into tokens.
    public enum Algorithm: String, Sendable, Hashable {
        /// Merges of bytes (GPT-2, Llama 3, Qwen 2).
        case byteLevelBPE = "byte-level BPE"
        /// Merges of pieces by their scores (Llama 2, Gemma).
        case sentencePieceBPE = "SentencePiece BPE"
        /// Ranked merges of characters, the form in which `tokenizer.json` stores SentencePiece models.
        case characterBPE = "BPE over characters"
    }

    /// The algorithm that turns words into tokens.
    public var algorithm: Algorithm
    /// The pre-tokenizer's name if the file gives one: `smollm`, `llama-bpe`.
    public var preTokenizer: String?

    /// `byte-level BPE, pre-tokenizer smollm`
    public var description: String {
        preTokenizer.map { "\(algorithm.rawValue), pre-tokenizer \($0)" } ?? algorithm.rawValue
    }
}

/// How to treat a text that looks like a special token (`<|im_start|>`).
public enum SpecialTokenHandling: Sendable, Hashable {
    /// The text becomes the special token.
    case parsed
    /// The text is treated like any other; only user-defined tokens, which are text themselves, are found.
    case plainText
}

/// The tokens that have a role.
struct TokenRoles: Sendable {
    var beginning: Int?
    var end: Int?
    var endOfGeneration: Set<Int>
    var addsBeginning: Bool
}

/// A model's tokenizer: texts to token ids and back.
///
/// Copying a tokenizer is cheap. It reads GGUF files (including those that hold only a vocabulary) and Hugging Face
/// folders. For GGUF files it gives the same ids as llama.cpp, for folders the same ids as Hugging Face's `tokenizers`.
///
/// ```swift
/// let tokenizer = try Tokenizer(contentsOf: URL(filePath: "model.gguf"))
/// let ids = try tokenizer.encode("My day at work was", specialTokens: .parsed)
/// let text = try tokenizer.decode(ids)
/// ```
public struct Tokenizer: Sendable {
    /// The algorithm that the tokenizer uses.
    public let kind: TokenizerKind
    /// The model's chat template (Jinja), if it has one.
    public let chatTemplate: String?
    /// The settings for the template, used wherever it is rendered with this tokenizer.
    public var templateSettings = ChatTemplateSettings()
    /// The control, user-defined and unknown tokens, in the order of their ids.
    public let specialTokens: [SpecialToken]
    /// The file or folder that the tokenizer was read from, for error messages.
    public let place: String
    let vocabulary: Vocabulary
    private let pipeline: any EncodingPipeline
    private let decoder: PieceDecoder
    private let roles: TokenRoles

    /// The longest accepted text, in bytes; the limit exists because offsets are kept in 32 bits.
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
    /// - Throws: `InputError` of the kind `.missingFile`, or `.badData` that names the error or what is not supported.
    public init(contentsOf url: URL) throws { try self.init(ModelFiles(contentsOf: url)) }

    /// The tokenizer of a model whose files are at hand, such as those of a sealed model; see ``init(contentsOf:)``.
    public init(_ files: ModelFiles) throws {
        switch files {
        case .file(let file, let folder): try self.init(gguf: GGUFFile(file, in: folder))
        case .folder(let folder): try self.init(huggingFaceFolder: folder)
        }
    }

    /// The tokenizer of a checkpoint that is already open; a GGUF file is not read again.
    ///
    /// - Throws: `InputError` of the kind `.missingFile`, or `.badData` that names the error or what is not supported.
    public init(_ checkpoint: Checkpoint) throws {
        switch checkpoint {
        case .gguf(let file): try self.init(gguf: file)
        case .huggingFace(let folder): try self.init(huggingFaceFolder: folder.folder)
        }
    }

    // MARK: Properties

    /// The number of ids, which start at 0.
    public var vocabularyCount: Int { vocabulary.count }
    /// The token that begins a sequence, if there is one.
    public var bosToken: Int? { roles.beginning }
    /// The token that ends a sequence, if there is one.
    public var eosToken: Int? { roles.end }
    /// All tokens that end a generation: ends of a sequence, a turn or a message.
    public var endOfGenerationTokens: Set<Int> { roles.endOfGeneration }
    /// Whether the model wants `bosToken` before a plain prompt (a chat template writes the token itself).
    public var addsBeginning: Bool { roles.addsBeginning && roles.beginning != nil }

    // MARK: Encoding

    /// The ids of a text.
    ///
    /// - Parameters:
    ///   - specialTokens: how to treat a text that looks like a special token.
    ///   - addBeginning: whether `bosToken` comes first. Default false; see `addsBeginning`.
    /// - Throws: `InputError` if `addBeginning` is requested for a model without `bosToken`, or if the text is longer
    ///   than `longestText`.
    /// - Complexity: O(n log n) in the worst case (one long word), O(n) for ordinary texts.
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
    /// Ids beyond the vocabulary have no text: many models' embeddings have more rows than the vocabulary has tokens,
    /// and a model can choose such a row like any other. For ids that a person gave, see `requireTokens(_:)`.
    ///
    /// - Parameter continuing: whether the tokens continue a text (as those generated after a prompt do). If not, the
    ///   space that SentencePiece puts before every text is removed.
    /// - Throws: `InputError` for a negative id.
    public func decode(_ ids: [Int], continuing: Bool = false) throws -> String {
        var bytes: [UInt8] = []
        var textStart = textStart(continuing: continuing)
        for id in ids { bytes += textStart.apply(to: try self.bytes(of: id)) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The bytes that a token stands for, which are not always whole characters; empty for an id beyond the vocabulary.
    ///
    /// - Throws: `InputError` for a negative id.
    public func bytes(of id: Int) throws -> [UInt8] {
        if id < 0 { try requireTokens([id]) }
        guard id < vocabulary.count else { return [] }
        return decoder.bytes(of: id, in: vocabulary)
    }

    /// A token in readable form: its text, or its spelling in the vocabulary if its bytes are not valid text.
    ///
    /// The result is empty for an id beyond the vocabulary.
    ///
    /// - Throws: `InputError` for a negative id.
    public func piece(_ id: Int) throws -> String {
        let bytes = try bytes(of: id)
        return String(validating: bytes, as: UTF8.self) ?? vocabulary.texts[id]
    }

    /// The id of the token with this spelling in the vocabulary, special or not; nil if there is none.
    ///
    /// O(vocabulary).
    public func token(spelled text: String) -> Int? {
        vocabulary.texts.firstIndex { $0.utf8.elementsEqual(text.utf8) }
    }

    func textStart(continuing: Bool) -> PieceDecoder.TextStart {
        PieceDecoder.TextStart(continuing ? .kept : decoder.leadingSpace)
    }

    /// Checks that the vocabulary has the tokens, for ids that a person gave.
    ///
    /// - Throws: `InputError` of the kind `.usage` that names the first id that the vocabulary lacks.
    public func requireTokens(_ ids: [Int]) throws {
        guard let id = ids.first(where: { !vocabulary.texts.indices.contains($0) }) else { return }
        throw InputError.usage(
            "no token \(id) in the vocabulary of \(place)", remedy: "give ids from 0 to \(vocabulary.count - 1)")
    }
}
