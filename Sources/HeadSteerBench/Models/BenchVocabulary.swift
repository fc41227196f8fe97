import Checkpoints
import DataFiles

/// The vocabulary of a generated model, in SentencePiece's form, which every runtime reads.
///
/// It has as many pieces as the model has tokens.
///
/// These are `<unk>`, `<s>`, `</s>`, the 256 bytes, and then made-up words (`▁a`, `▁b`, … `▁aa`, …), so that any text
/// can be tokenized.
struct BenchVocabulary {
    private var tokens: [String] = []
    private var scores: [Float] = []
    private var types: [Int32] = []

    /// - Parameter count: the number of tokens, at least ``smallest``.
    init(count: Int) {
        precondition(count >= Self.smallest, "A vocabulary has \(Self.smallest) tokens at least, not \(count).")
        append("<unk>", type: 2)
        append("<s>", type: 3)
        append("</s>", type: 3)
        for byte in 0..<256 {
            let digits = String(byte, radix: 16, uppercase: true)
            append("<0x\(byte < 16 ? "0" : "")\(digits)>", type: 6)
        }
        append("▁", score: -1, type: 1)
        for rank in 0..<(count - Self.smallest) { append("▁" + Self.word(rank), score: -Float(rank + 2), type: 1) }
    }

    /// The number of special tokens and bytes, with the space.
    static let smallest = 260

    /// The metadata about tokens for the file.
    var metadata: [(key: String, value: GGUFWriterValue)] {
        [
            ("tokenizer.ggml.model", .string("llama")),
            ("tokenizer.ggml.tokens", .stringArray(tokens)),
            ("tokenizer.ggml.scores", .float32Array(scores)),
            ("tokenizer.ggml.token_type", .int32Array(types)),
            ("tokenizer.ggml.unknown_token_id", .uint32(0)),
            ("tokenizer.ggml.bos_token_id", .uint32(1)),
            ("tokenizer.ggml.eos_token_id", .uint32(2)),
            ("tokenizer.ggml.add_bos_token", .bool(true)),
        ]
    }

    private mutating func append(_ token: String, score: Float = 0, type: Int32) {
        tokens.append(token)
        scores.append(score)
        types.append(type)
    }

    /// A number in the digits of the alphabet: a, b, …, z, aa, ab, ….
    private static func word(_ rank: Int) -> String {
        var letters: [UInt8] = []
        var rest = rank + 1
        while rest > 0 {
            letters.append(UInt8(ascii: "a") + UInt8((rest - 1) % 26))
            rest = (rest - 1) / 26
        }
        return String(decoding: letters.reversed(), as: UTF8.self)
    }
}
