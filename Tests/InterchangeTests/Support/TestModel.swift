import DataFiles
import Foundation
import TensorCore
import Transformer
import XCTest
import _TestSupport

/// A small model of the fixtures, by its path among them.
struct TestModel {
    let name: String
    let model: LanguageModel
    let prompts: [[Int]]
    let workers = WorkerPool(count: 2)

    static let grouped = "tiny-llamas/grouped.gguf"
    static let groupedFolder = "tiny-llamas/grouped"
    static let sharded = "tiny-llamas/sharded-bf16"
    static let llama2 = "tiny-llamas/llama2-like"
    static let planted = "planted/planted.gguf"

    init(_ name: String) throws {
        self.name = name
        model = try LanguageModel(contentsOf: FixtureLocation.fixtures.appending(path: name))
        let last = model.configuration.vocabulary - 1
        prompts = [[1, 5, 9, 2, last, 17, 3], [4], [1, 30, 31, 32, 33, 12, 7, 7, 7, 25]]
    }

    var configuration: ModelConfiguration { model.configuration }

    /// The logits at all positions of the first prompt.
    func logits(_ edits: [Edit] = []) throws -> Matrix { try Self.logits(model, prompts[0], edits, workers) }

    static func logits(_ model: LanguageModel, _ tokens: [Int], _ edits: [Edit], _ workers: WorkerPool) throws -> Matrix
    {
        let run = Run(model, workers: workers)
        run.sequences = [model.makeSequence(promptCount: tokens.count)]
        return try run.advance([Step(tokens: tokens, edits: edits, logits: .all)])[0].logits
    }
}

/// Values without a pattern, the same in every run.
func noise(_ count: Int, seed: UInt64, scale: Float = 1) -> [Float] {
    var state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1
    return (0..<count).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return scale * (Float(state >> 40) / Float(1 << 23) - 1)
    }
}

/// A unit vector without a pattern.
func unitNoise(_ count: Int, seed: UInt64) -> [Float] {
    let values = noise(count, seed: seed)
    let norm = values.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
    return values.map { Float(Double($0) / norm) }
}

/// Fails unless `body` throws an `InputError` of one line that says all of `words`, with a remedy.
func assertRefused(
    saying words: String..., file: StaticString = #filePath, line: UInt = #line, _ body: () throws -> Void
) {
    do {
        try body()
        XCTFail("nothing was thrown; expected \(words)", file: file, line: line)
    } catch let error as InputError {
        for word in words where !word.isEmpty {
            XCTAssertTrue("\(error)".contains(word), "\"\(error)\" doesn't say \(word)", file: file, line: line)
        }
        XCTAssertFalse(error.remedy.isEmpty, "\(error) has no remedy", file: file, line: line)
    } catch {
        XCTFail("\(error) is no InputError", file: file, line: line)
    }
}
