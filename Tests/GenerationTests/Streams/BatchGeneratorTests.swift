import DataFiles
import Foundation
import Generation
import TensorCore
import Transformer
import XCTest
import _TestSupport

final class BatchGeneratorTests: XCTestCase {
    private let workers = WorkerPool(count: 2)
    private let prompts = [[1, 31, 80], [1], [1, 5, 6, 7, 8, 9, 10], [1, 31, 80]]
    private let edit = Edit.z(layer: 1, head: 1, positions: .last, .scale(-3))

    func testABatchIsItsTextsAlone() throws {
        for name in ["grouped", "llama2-like", "sharded-bf16"] {
            let model = try tinyModel(name)
            let requests = prompts.enumerated().map {
                GenerationRequest(prompt: $1, edits: $0 == 3 ? [edit] : [], maxTokens: 6 + $0)
            }
            let generator = try BatchGenerator(requests, model: model, workers: workers)
            var passes = 0
            let together = generator.finish { _ in passes += 1 }
            XCTAssertEqual(passes, 9, "as many as the longest text has tokens")
            for (index, request) in requests.enumerated() {
                let expected = try greedyFromScratch(
                    model, request.prompt, edits: request.edits, count: request.maxTokens)
                XCTAssertEqual(together[index].ids, expected, "\(name), text \(index)")
                XCTAssertEqual(together[index].stopReason, .tokenLimit, "\(name), text \(index)")
                let alone = try BatchGenerator([request], model: model, workers: workers).finish()
                XCTAssertEqual(alone[0].ids, expected, "\(name), text \(index) alone")
            }
            XCTAssertNotEqual(Array(together[3].ids.prefix(6)), together[0].ids, "\(name): the edit changed nothing")
        }
    }

    func testEndTokens() throws {
        let model = try tinyModel("grouped")
        let ids = try greedyFromScratch(model, [1, 31, 80], count: 6)
        let end = ids[3]
        let place = try XCTUnwrap(ids.firstIndex(of: end))
        let requests = [
            GenerationRequest(prompt: [1, 31, 80], maxTokens: 6, endTokens: [end, 95]),
            GenerationRequest(prompt: [1, 31, 80], maxTokens: 6),
        ]
        let progress = try BatchGenerator(requests, model: model, workers: workers).finish()
        XCTAssertEqual(progress[0].ids, Array(ids[...place]), "the end token is the last")
        XCTAssertEqual(progress[0].stopReason, .endToken)
        XCTAssertEqual(progress[1].ids, ids, "the other goes on")
        XCTAssertEqual(progress[1].stopReason, .tokenLimit)
    }

    func testNothingToGenerate() throws {
        let model = try tinyModel("grouped")
        let none = try BatchGenerator(
            [GenerationRequest(prompt: [1], maxTokens: 0), GenerationRequest(prompt: [1], maxTokens: 1)], model: model,
            workers: workers)
        XCTAssertEqual(none.progress[0].stopReason, .tokenLimit, "before anything was computed")
        XCTAssertEqual(none.advance(), [1])
        XCTAssertEqual(none.advance(), [])
        XCTAssertEqual(none.progress.map(\.ids.count), [0, 1])
        XCTAssertEqual(try BatchGenerator([], model: model, workers: workers).finish().count, 0)
    }

    /// An edit that breaks the numbers ends its own text and no other.
    func testLogitsThatAreNoNumbers() throws {
        let model = try tinyModel("grouped")
        let broken = Edit(.finalNorm, positions: .generated, .custom { values, _ in values[0] = .nan })
        let requests = [
            GenerationRequest(prompt: [1, 2, 3], edits: [broken], maxTokens: 5),
            GenerationRequest(prompt: [1, 2, 3], maxTokens: 5),
        ]
        let progress = try BatchGenerator(requests, model: model, workers: workers).finish()
        XCTAssertEqual(progress.map(\.stopReason), [.notFinite, .tokenLimit])
        XCTAssertEqual(progress.map(\.ids.count), [1, 5])
    }

    /// With a context of 8, a prompt of 5 has room for 3 more inputs, and the last of them gives a fourth token.
    func testFullContext() throws {
        let model = try tinyModel("grouped", context: 8, in: makeTemporaryFolder())
        let requests = [
            GenerationRequest(prompt: [1, 2, 3, 4, 5]), GenerationRequest(prompt: [Int](repeating: 7, count: 8)),
            GenerationRequest(prompt: [1, 2, 3, 4, 5], maxTokens: 4),
        ]
        let progress = try BatchGenerator(requests, model: model, workers: workers).finish()
        XCTAssertEqual(progress.map(\.ids.count), [4, 1, 4])
        XCTAssertEqual(progress.map(\.stopReason), [.contextFull, .contextFull, .tokenLimit])
        XCTAssertThrowsError(
            try BatchGenerator(
                [GenerationRequest(prompt: [Int](repeating: 7, count: 9))], model: model, workers: workers)
        ) { error in
            XCTAssertEqual((error as? InputError)?.kind.general, .badData, "\(error)")
            XCTAssertTrue("\(error)".contains("9 tokens, more than the model's context of 8"), "\(error)")
        }
        XCTAssertThrowsError(
            try BatchGenerator([GenerationRequest(prompt: [1, 96])], model: model, workers: workers)
        ) { XCTAssertTrue("\($0)".contains("the token 96"), "\($0)") }
    }

    /// Cancelled in the middle of a pass, all texts end with the tokens that they had.
    func testCancellation() throws {
        let model = try tinyModel("grouped")
        let generator = try BatchGenerator(
            [GenerationRequest(prompt: [1, 2]), GenerationRequest(prompt: [1], maxTokens: 2)], model: model,
            workers: workers)
        var layers = 0
        generator.isCancelled = {
            layers += 1
            return layers > 10
        }
        let progress = generator.finish()
        // Three layers a token: the eleventh is in the fourth.
        XCTAssertEqual(layers, 11)
        XCTAssertEqual(progress.map(\.ids.count), [3, 2])
        XCTAssertEqual(progress.map(\.stopReason), [.cancelled, .tokenLimit])
        XCTAssertEqual(generator.advance(), [], "a text that has ended doesn't go on")
    }

    /// The same seed gives the same texts; the texts of one batch have random numbers of their own.
    func testSampling() throws {
        let model = try tinyModel("grouped")
        func texts(seed: UInt64) throws -> [[Int]] {
            let request = GenerationRequest(
                prompt: [1, 2], sampling: Sampling(temperature: 3, seed: seed), maxTokens: 12)
            return try BatchGenerator([request, request, request], model: model, workers: workers).finish().map(\.ids)
        }
        let first = try texts(seed: 5)
        XCTAssertEqual(try texts(seed: 5), first)
        XCTAssertNotEqual(try texts(seed: 6), first)
        XCTAssertEqual(Set(first).count, 3, "texts of one batch: \(first)")
    }
}
