import Checkpoints
import DataFiles
import Foundation
import TensorCore
import Tokenization
import Transformer
import XCTest
import _TestSupport

@testable import HeadSteerBench

/// The models that `make-model` writes.
final class RandomModelTests: XCTestCase {
    /// Small, with grouped heads and a vocabulary larger than the smallest.
    private static let tiny = ModelShape(
        name: "tiny", layers: 1, width: 256, heads: 4, kvHeads: 2, headSize: 64, feedForward: 256, vocabulary: 300,
        context: 64, ropeBase: 10_000, tiedEmbeddings: false)

    private func written(
        _ shape: ModelShape, _ format: WeightFormat, seed: UInt64, in folder: URL, name: String = "model.gguf"
    ) throws -> URL {
        let url = folder.appending(path: name)
        try RandomModel(shape, format: format, seed: seed).writer().write(to: url)
        return url
    }

    func testSeedFixesBytes() throws {
        let folder = try makeTemporaryFolder()
        for format in [WeightFormat.q4_0, .f16] {
            let first = try Data(contentsOf: written(Self.tiny, format, seed: 7, in: folder, name: "a"))
            let second = try Data(contentsOf: written(Self.tiny, format, seed: 7, in: folder, name: "b"))
            let other = try Data(contentsOf: written(Self.tiny, format, seed: 8, in: folder, name: "c"))
            XCTAssertEqual(first, second, "\(format.name): two files of one seed differ")
            XCTAssertEqual(first.count, other.count)
            let differing = zip(first.suffix(1 << 14), other.suffix(1 << 14)).filter { $0 != $1 }.count
            XCTAssertGreaterThan(differing, 1 << 13, "\(format.name): two seeds give nearly the same weights")
        }
    }

    func testRunsWithFiniteLogitsInEveryFormat() throws {
        let folder = try makeTemporaryFolder()
        let workers = WorkerPool(count: 1)
        for format in WeightFormat.allCases {
            let model = try LanguageModel(contentsOf: written(Self.tiny, format, seed: 1, in: folder))
            let run = Run(model, workers: workers)
            run.sequences = [model.makeSequence(promptCount: 5)]
            let logits = try run.advance([Step(tokens: [1, 299, 17, 260, 3])])[0].logits
            XCTAssertEqual(logits.elements.count, 300, format.name)
            XCTAssertTrue(logits.elements.allSatisfy(\.isFinite), "\(format.name): logits that are no numbers")
            // The last norm gives values of about 1, and the output matrix keeps their size.
            let square = logits.elements.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(logits.elements.count)
            XCTAssertTrue(
                (0.25...4).contains(square), "\(format.name): mean square of the logits \(square), not about 1")
        }
    }

    func testWeightsHaveTheDeviationAskedFor() throws {
        for format in WeightFormat.allCases {
            let deviation = 1 / 24.0
            var generator = SeededGenerator(seed: 3)
            let count = 1 << 16
            var bytes = [UInt8](repeating: 0, count: count / format.weightsPerBlock * format.bytesPerBlock)
            var weights = [Float](repeating: 0, count: count)
            bytes.withUnsafeMutableBytes { RandomBlocks(format, deviation: deviation).fill($0, from: &generator) }
            bytes.withUnsafeBytes { bytes in
                weights.withUnsafeMutableBufferPointer { format.unpack(bytes, into: $0) }
            }
            let mean = weights.reduce(0.0) { $0 + Double($1) } / Double(count)
            let square = weights.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(count)
            // Blocks of 256 share a sign and minima, so that fewer numbers are independent: 256 blocks, 6 standard errors.
            XCTAssertLessThan(abs(mean), 6 * deviation / 16, "\(format.name): the mean is \(mean)")
            let tolerance = [.f32, .f16, .bf16, .mxfp4].contains(format) ? 2.0.squareRoot() * 1.01 : 1.03
            let ratio = square.squareRoot() / deviation
            XCTAssertTrue(
                (1 / tolerance...tolerance).contains(ratio), "\(format.name): \(ratio) times the deviation asked for")
        }
    }

    func testFormatsOfMatricesAreLlamaCppsOwn() throws {
        // What llama.cpp's quantize gives an untied model whose width is a multiple of 256, and a tied one whose width isn't.
        func formats(_ shape: ModelShape, _ format: WeightFormat) throws -> [String: WeightFormat] {
            let tensors = try RandomModel(shape, format: format, seed: 0).writer().tensors
            return try Dictionary(
                uniqueKeysWithValues: tensors.map { ($0.name, try XCTUnwrap($0.type.weightFormat)) })
        }
        let untied = try formats(Self.tiny, .q4_0)
        XCTAssertEqual(untied["token_embd.weight"], .q4_0)
        XCTAssertEqual(untied["output.weight"], .q6_K)
        XCTAssertEqual(untied["blk.0.ffn_down.weight"], .q4_0)
        XCTAssertEqual(untied["blk.0.attn_norm.weight"], .f32)
        let small = try XCTUnwrap(ModelShape(argument: "smollm2-135m"))
        let tied = try formats(small, .q4_K)
        XCTAssertEqual(tied["token_embd.weight"], .q8_0)
        XCTAssertNil(tied["output.weight"])
        XCTAssertEqual(tied["blk.0.attn_q.weight"], .q5_0)
        XCTAssertEqual(tied["blk.0.ffn_down.weight"], .q4_K)
        XCTAssertEqual(try formats(small, .iq2_XS)["blk.0.attn_q.weight"], .iq4_NL)
        XCTAssertEqual(try formats(small, .tq1_0)["blk.0.attn_q.weight"], .q4_0)
    }

    func testSizesOfLlama2() throws {
        let shape = try XCTUnwrap(ModelShape(argument: "llama-2-7b"))
        let tensors = try RandomModel(shape, format: .f32, seed: 0).writer().tensors
        // The number of weights that Llama 2's paper rounds to 7B.
        XCTAssertEqual(tensors.reduce(0) { $0 + $1.byteCount } / 4, 6_738_415_616)
    }

    func testVocabularyTokenizesAnyText() throws {
        let folder = try makeTemporaryFolder()
        let file = try GGUFFile(contentsOf: written(Self.tiny, .q8_0, seed: 0, in: folder))
        let tokenizer = try Tokenizer(gguf: file)
        let text = "a zebra, ünïcode & 123"
        let ids = try tokenizer.encode(text, specialTokens: .plainText, addBeginning: false)
        XCTAssertEqual(try tokenizer.decode(ids), text)
    }

    func testRowsThatAreNoWholeBlocksAreRefused() {
        var shape = Self.tiny
        shape.feedForward = 500
        XCTAssertThrowsError(try RandomModel(shape, format: .q4_0, seed: 0)) { error in
            XCTAssertEqual((error as? InputError)?.kind.general, .usage, "\(error)")
        }
        XCTAssertNoThrow(try RandomModel(shape, format: .bf16, seed: 0))
    }
}
