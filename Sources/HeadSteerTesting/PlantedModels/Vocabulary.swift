import Checkpoints
import DataFiles

/// The tokens of the planted model: a SentencePiece-BPE vocabulary in which each word of the lexicon is one token.
///
/// SentencePiece-BPE merges two neighbours only if the result is a piece of the vocabulary. All prefixes of every word
/// are therefore pieces too (`▁w`, `▁wo`, `▁won`, …), and exactly one sequence of merges leads to a word, whatever the
/// scores. Other text becomes prefixes, letters and bytes.
struct Vocabulary {
    /// The kinds of token in GGUF's `tokenizer.ggml.token_type`.
    enum Kind: Int32 {
        case normal = 1
        case unknown = 2
        case control = 3
        case byte = 6
    }

    struct Token {
        let text: String
        let kind: Kind
        /// SentencePiece's score; pieces with a higher score are merged earlier.
        let score: Float
    }

    static let unknown = 0
    static let beginning = 1
    static let end = 2

    private(set) var tokens: [Token] = []
    private var ids: [String: Int] = [:]

    init(words: [String]) {
        append("<unk>", .unknown)
        append("<s>", .control)
        append("</s>", .control)
        for byte in 0..<256 {
            let digits = String(byte, radix: 16, uppercase: true)
            append("<0x\(byte < 16 ? "0" : "")\(digits)>", .byte)
        }
        var pieces: Set<String> = ["▁"]
        for character in "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.,!?'-" {
            pieces.insert(String(character))
        }
        for word in words {
            let piece = Self.piece(for: word)
            for length in 1...piece.count { pieces.insert(String(piece.prefix(length))) }
        }
        // Shorter pieces come first, then the order of Unicode scalars, which doesn't depend on the locale.
        let ordered = pieces.sorted {
            $0.count != $1.count ? $0.count < $1.count : $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars)
        }
        for (rank, piece) in ordered.enumerated() { append(piece, .normal, score: -Float(rank)) }
    }

    /// A word as a piece; punctuation has no space before it.
    static func piece(for word: String) -> String { word.first?.isLetter == true ? "▁" + word : word }

    /// The token for a word of the lexicon.
    func id(of word: String) -> Int {
        guard let id = ids[Self.piece(for: word)] else { preconditionFailure("The vocabulary has the word \(word).") }
        return id
    }

    private mutating func append(_ text: String, _ kind: Kind, score: Float = 0) {
        ids[text] = tokens.count
        tokens.append(Token(text: text, kind: kind, score: score))
    }

    /// The `tokenizer.*` part of the metadata.
    func metadata() -> [(key: String, value: GGUFWriterValue)] {
        [
            ("tokenizer.ggml.model", .string("llama")),
            ("tokenizer.ggml.pre", .string("default")),
            ("tokenizer.ggml.tokens", .stringArray(tokens.map(\.text))),
            ("tokenizer.ggml.scores", .float32Array(tokens.map(\.score))),
            ("tokenizer.ggml.token_type", .int32Array(tokens.map(\.kind.rawValue))),
            ("tokenizer.ggml.bos_token_id", .uint32(UInt32(Self.beginning))),
            ("tokenizer.ggml.eos_token_id", .uint32(UInt32(Self.end))),
            ("tokenizer.ggml.unknown_token_id", .uint32(UInt32(Self.unknown))),
            ("tokenizer.ggml.add_bos_token", .bool(true)),
            ("tokenizer.ggml.add_eos_token", .bool(false)),
            ("tokenizer.ggml.add_space_prefix", .bool(true)),
            ("tokenizer.chat_template", .string(Self.chatTemplate)),
        ]
    }

    /// Joins the messages one after the other, since the model can only continue the last sentence of a chat.
    private static let chatTemplate =
        "{{ bos_token }}{% for message in messages %}{{ message['content'] | trim }}"
        + "{% if not loop.last %}{{ ' ' }}{% endif %}{% endfor %}"
}
