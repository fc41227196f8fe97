import Checkpoints
import DataFiles
import TensorCore

/// A Llama with random weights in the shape of a real one, for measuring speed, not for its output.
///
/// Every matrix has the standard deviation 1 / √(its columns) and every norm is 1, so that activations keep their size
/// and logits are finite. The format of each matrix follows llama.cpp's `quantize` for a file of that name.
struct RandomModel: Sendable {
    let shape: ModelShape
    let format: WeightFormat
    let seed: UInt64

    /// - Throws: `InputError` if the format's blocks don't fit the shape's rows.
    init(_ shape: ModelShape, format: WeightFormat, seed: UInt64) throws {
        self.shape = shape
        self.format = format
        self.seed = seed
        let smallest = [shape.width, shape.feedForward, shape.heads * shape.headSize]
        for columns in smallest where columns % matrixFormat(columns: columns).weightsPerBlock != 0 {
            throw InputError.usage(
                "rows of \(columns) weights, which aren't whole blocks of \(format.name)",
                remedy: "choose --format f16, bf16 or f32")
        }
    }

    /// The file's metadata and tensors, which are generated while they are written, with only part of a tensor in
    /// memory.
    func writer() -> GGUFWriter {
        GGUFWriter(metadata: metadata, tensors: tensors)
    }

    private var tensors: [GGUFWriter.Tensor] {
        let zWidth = shape.heads * shape.headSize
        let kvWidth = shape.kvHeads * shape.headSize
        var list = [
            matrix("token_embd.weight", rows: shape.vocabulary, columns: shape.width, isOutput: shape.tiedEmbeddings)
        ]
        for layer in 0..<shape.layers {
            let block = "blk.\(layer)."
            list += [
                ones(block + "attn_norm.weight"),
                matrix(block + "attn_q.weight", rows: zWidth, columns: shape.width),
                matrix(block + "attn_k.weight", rows: kvWidth, columns: shape.width),
                matrix(block + "attn_v.weight", rows: kvWidth, columns: shape.width),
                matrix(block + "attn_output.weight", rows: shape.width, columns: zWidth),
                ones(block + "ffn_norm.weight"),
                matrix(block + "ffn_gate.weight", rows: shape.feedForward, columns: shape.width),
                matrix(block + "ffn_up.weight", rows: shape.feedForward, columns: shape.width),
                matrix(block + "ffn_down.weight", rows: shape.width, columns: shape.feedForward),
            ]
        }
        list.append(ones("output_norm.weight"))
        if !shape.tiedEmbeddings {
            list.append(matrix("output.weight", rows: shape.vocabulary, columns: shape.width, isOutput: true))
        }
        // Each tensor has its own random stream.
        return list.enumerated().map { index, tensor in tensor(UInt64(index + 1)) }
    }

    private func ones(_ name: String) -> (UInt64) -> GGUFWriter.Tensor {
        { _ in
            let bytes = [Float](repeating: 1, count: shape.width).withUnsafeBytes { Array($0) }
            return GGUFWriter.Tensor(name: name, shape: [shape.width], format: .f32, bytes: bytes)
        }
    }

    private func matrix(
        _ name: String, rows: Int, columns: Int, isOutput: Bool = false
    ) -> (UInt64) -> GGUFWriter.Tensor {
        let format = matrixFormat(columns: columns, isOutput: isOutput)
        return { stream in
            GGUFWriter.Tensor(name: name, shape: [rows, columns], format: format) { emit in
                let blocks = RandomBlocks(format, deviation: 1 / Double(columns).squareRoot())
                var generator = SeededGenerator(seed: seed, stream: stream)
                let part = max(Self.partBytes / format.bytesPerBlock, 1) * format.bytesPerBlock
                var rest = rows * columns / format.weightsPerBlock * format.bytesPerBlock
                let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: min(part, rest), alignment: 8)
                defer { buffer.deallocate() }
                while rest > 0 {
                    let bytes = UnsafeMutableRawBufferPointer(rebasing: buffer[0..<min(part, rest)])
                    blocks.fill(bytes, from: &generator)
                    try emit(UnsafeRawBufferPointer(bytes))
                    rest -= bytes.count
                }
            }
        }
    }

    /// The approximate number of bytes that are generated at a time.
    private static let partBytes = 1 << 22

    /// The format of a matrix, chosen as in llama.cpp.
    ///
    /// The output matrices of quantised files are Q6_K (or stay at 8 bits). If rows aren't whole blocks of 256, a
    /// format with blocks of 32 is used instead.
    private func matrixFormat(columns: Int, isOutput: Bool = false) -> WeightFormat {
        var format = self.format
        if isOutput, ![.f32, .f16, .bf16, .q8_0].contains(format) { format = .q6_K }
        guard format.weightsPerBlock == 256, columns % 256 != 0 else { return format }
        switch format {
        case .iq4_XS, .iq3_S, .iq3_XXS, .iq2_S, .iq2_XS, .iq2_XXS, .iq1_S, .iq1_M: return .iq4_NL
        case .tq1_0, .tq2_0: return .q4_0
        case .q5_K: return .q5_1
        case .q6_K: return .q8_0
        default: return .q5_0
        }
    }

    private var metadata: [(key: String, value: GGUFWriterValue)] {
        [
            ("general.architecture", .string("llama")),
            ("general.name", .string("Random weights in the shape of \(shape.name) (seed \(seed))")),
            ("general.quantization_version", .uint32(2)),
            ("llama.block_count", .uint32(UInt32(shape.layers))),
            ("llama.context_length", .uint32(UInt32(shape.context))),
            ("llama.embedding_length", .uint32(UInt32(shape.width))),
            ("llama.feed_forward_length", .uint32(UInt32(shape.feedForward))),
            ("llama.attention.head_count", .uint32(UInt32(shape.heads))),
            ("llama.attention.head_count_kv", .uint32(UInt32(shape.kvHeads))),
            ("llama.attention.key_length", .uint32(UInt32(shape.headSize))),
            ("llama.attention.value_length", .uint32(UInt32(shape.headSize))),
            ("llama.attention.layer_norm_rms_epsilon", .float32(1e-5)),
            ("llama.rope.dimension_count", .uint32(UInt32(shape.headSize))),
            ("llama.rope.freq_base", .float32(shape.ropeBase)),
            ("llama.vocab_size", .uint32(UInt32(shape.vocabulary))),
        ] + BenchVocabulary(count: shape.vocabulary).metadata
    }
}
