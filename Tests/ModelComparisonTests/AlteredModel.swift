import Checkpoints
import DataFiles
import Foundation
import HeadSteerTesting
import ModelComparison
import TensorCore
import Tokenization
import Transformer
import XCTest
import _TestSupport

/// Copies of GGUF models with other weights.
struct AlteredModel {
    /// A tensor's values, [rows, columns].
    struct Values {
        var rows, columns: Int
        var elements: [Float]

        subscript(row: Int, column: Int) -> Float {
            get { elements[row * columns + column] }
            set { elements[row * columns + column] = newValue }
        }

        /// The values with lines in another order: line i is what was line `order[i]`.
        func rows(inOrder order: [Int]) -> Values {
            var new = self
            for row in 0..<rows {
                for column in 0..<columns { new[row, column] = self[order[row], column] }
            }
            return new
        }

        func columns(inOrder order: [Int]) -> Values {
            var new = self
            for row in 0..<rows {
                for column in 0..<columns { new[row, column] = self[row, order[column]] }
            }
            return new
        }
    }

    /// Writes a copy in which some matrices have other values, in F32.
    ///
    /// - Parameter change: of a tensor's name and values; nil leaves it as it is, to the byte.
    static func write(
        _ source: URL, to url: URL, format: ((String) -> RoundedFormat?)? = nil,
        metadata: [String: GGUFWriterValue] = [:], _ change: (String, Values) -> Values?
    ) throws {
        let file = try GGUFFile(contentsOf: source)
        let tensors = try file.tensors.map { tensor -> GGUFWriter.Tensor in
            guard tensor.shape.count == 2 else { return GGUFWriter.Tensor(copying: tensor) }
            let matrix = WeightMatrix(
                rows: tensor.shape[0], columns: tensor.shape[1], format: try tensor.format, bytes: tensor.bytes,
                owner: tensor.file)
            let values = Values(rows: matrix.rows, columns: matrix.columns, elements: matrix.unpacked().elements)
            if let format = format?(tensor.name) {
                let bytes = format.bytes(values.elements)
                return GGUFWriter.Tensor(name: tensor.name, shape: tensor.shape, format: format.format) { emit in
                    try bytes.withUnsafeBytes(emit)
                }
            }
            guard let new = change(tensor.name, values) else { return GGUFWriter.Tensor(copying: tensor) }
            return GGUFWriter.Tensor(name: tensor.name, shape: [new.rows, new.columns], format: .f32) { emit in
                try new.elements.withUnsafeBytes(emit)
            }
        }
        var stored = try file.storedMetadata().map { (key: $0.key, value: GGUFWriterValue.stored($0.value)) }
        stored.removeAll { metadata[$0.key] != nil }
        stored += metadata.sorted { $0.key < $1.key }.map { (key: $0.key, value: $0.value) }
        try GGUFWriter(metadata: stored, tensors: tensors).write(to: url)
    }

    static let planted = PlantedModel.folder.appending(path: "planted.gguf")
    static let grouped = FixtureLocation.fixtures.appending(path: "tiny-llamas/grouped.gguf")

    /// Two models as a pair; a tokenizer isn't needed for weights, so the planted one's may stand for any.
    static func pair(_ a: URL, _ b: URL, threads: Int = 2) throws -> ModelPair {
        let models = OfBoth(a: try LanguageModel(contentsOf: a), b: try LanguageModel(contentsOf: b))
        let own = OfBoth<Tokenizer?>(a: try? Tokenizer(contentsOf: a), b: try? Tokenizer(contentsOf: b))
        let tokenizers = own.a == nil && own.b == nil ? OfBoth(a: try Tokenizer(contentsOf: planted), b: nil) : own
        return try ModelPair(models, tokenizers: tokenizers, workers: WorkerPool(count: threads))
    }
}

/// ggml's simplest rounding: each block of 32 with one scale.
enum RoundedFormat {
    case q8_0, q4_0, f32, f16

    var format: WeightFormat {
        switch self {
        case .q8_0: .q8_0
        case .q4_0: .q4_0
        case .f32: .f32
        case .f16: .f16
        }
    }

    /// The values in the format.
    func bytes(_ values: [Float]) -> [UInt8] {
        var bytes: [UInt8] = []
        func add(_ value: Float16) { withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes += $0 } }
        switch self {
        case .f32: for value in values { withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes += $0 } }
        case .f16: for value in values { add(Float16(value)) }
        case .q8_0, .q4_0:
            for start in stride(from: 0, to: values.count, by: 32) {
                let block = values[start..<start + 32]
                let largest = block.max { abs($0) < abs($1) } ?? 0
                if self == .q8_0 {
                    let scale = Float16(abs(largest) / 127)
                    add(scale)
                    bytes += block.map { UInt8(bitPattern: scale == 0 ? 0 : Int8(($0 / Float(scale)).rounded())) }
                } else {
                    let scale = Float16(largest / -8)
                    add(scale)
                    let codes = block.map { value -> UInt8 in
                        scale == 0 ? 8 : UInt8(min(15, max(0, (value / Float(scale)).rounded() + 8)))
                    }
                    bytes += (0..<16).map { codes[$0] | codes[16 + $0] << 4 }
                }
            }
        }
        return bytes
    }
}
