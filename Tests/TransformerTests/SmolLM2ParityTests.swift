import Checkpoints
import DataFiles
import Foundation
import TensorCore
import Transformer
import XCTest
import _TestSupport

/// The real model against transformers in float32 on the same dequantised weights: `Fixtures/reference/smollm2.py`.
final class SmolLM2ParityTests: XCTestCase {
    private struct Prompt {
        let name: String
        let facts: JSONObject
        let ids: [Int]
        let greedyIds: [Int]
    }

    private static let largestLogitDifference = 5e-4
    private let workers = WorkerPool()

    private func model() throws -> LanguageModel { try .fetchedSmolLM2() }

    private func prompts() throws -> [Prompt] {
        let facts = try JSONObject(contentsOf: FixtureLocation.fixtures.appending(path: "reference/smollm2.json"))
        let rows = try XCTUnwrap(facts.objects("prompts"))
        XCTAssertEqual(rows.count, 20)
        return try rows.enumerated().map { index, row in
            Prompt(
                name: index < 10 ? "0\(index)" : "\(index)", facts: row, ids: try XCTUnwrap(row.integers("ids")),
                greedyIds: try XCTUnwrap(row.integers("greedyIds")))
        }
    }

    private func reference() throws -> SafetensorsFile {
        try SafetensorsFile(contentsOf: FixtureLocation.fixtures.appending(path: "reference/smollm2.safetensors"))
    }

    func testLogitsOf20Prompts() throws {
        let model = try model()
        let reference = try reference()
        var overall = 0.0
        for prompt in try prompts() {
            let run = Run(model, workers: workers)
            run.sequences = [model.makeSequence(promptCount: prompt.ids.count)]
            let inner = try XCTUnwrap(prompt.facts.integers("innerPositions"))
            let wanted = inner + [prompt.ids.count - 1]
            let result = try run.advance([
                Step(
                    tokens: prompt.ids, reads: wanted.map { Read(.logits, at: .range(from: $0, to: $0 + 1)) },
                    logits: .last)
            ])[0]
            XCTAssertEqual(result.reads.map(\.positions), wanted.map { [$0] }, prompt.name)
            XCTAssertEqual(result.logitPositions, Array(wanted.suffix(1)), prompt.name)
            var largest = 0.0
            func compare(_ actual: [Float], _ tensor: String) throws {
                let expected = try reference.floats("\(prompt.name).\(tensor)")
                largest = max(largest, Difference(actual, expected).value)
                assertClose(
                    actual, expected, absolute: Self.largestLogitDifference, "prompt \(prompt.name), \(tensor)")
            }
            let last = result.logits.elements
            XCTAssertEqual(last, try XCTUnwrap(result.reads.last).values.elements, "\(prompt.name): read and result")
            try compare(Self.every(16, of: last), "last")
            try compare(XCTUnwrap(prompt.facts.integers("topIds")).map { last[$0] }, "top")
            if !inner.isEmpty {
                try compare(result.reads.dropLast().flatMap { Self.every(64, of: $0.values.elements) }, "inner")
            }
            let kind = try prompt.facts.string("kind") ?? ""
            print("prompt \(prompt.name) (\(kind), \(prompt.ids.count) tokens): largest logit difference \(largest)")
            overall = max(overall, largest)
        }
        print("largest logit difference of 20 prompts: \(overall)")
    }

    func testGreedyTokensOneByOne() throws {
        let model = try model()
        for prompt in try prompts() {
            let ids = try Self.greedy(model, [prompt.ids], count: prompt.greedyIds.count, workers)[0]
            XCTAssertEqual(ids, prompt.greedyIds, prompt.name)
        }
    }

    /// All prompts in one batch, so that the products of many rows are met in decoding too.
    func testGreedyTokensInOneBatch() throws {
        let model = try model()
        let prompts = try prompts()
        let ids = try Self.greedy(model, prompts.map(\.ids), count: 12, workers)
        for (prompt, ids) in zip(prompts, ids) { XCTAssertEqual(ids, Array(prompt.greedyIds.prefix(12)), prompt.name) }
    }

    func testSitesAtTheLastPosition() throws {
        let model = try model()
        let reference = try reference()
        let size = model.configuration.heads * model.configuration.headSize
        var checked = 0
        for prompt in try prompts() {
            guard let residualLayers = try prompt.facts.integers("residualLayers") else { continue }
            checked += 1
            let run = Run(model, workers: workers)
            run.sequences = [model.makeSequence(promptCount: prompt.ids.count)]
            let layers = 0..<model.configuration.layers
            let result = try run.advance([
                Step(
                    tokens: prompt.ids,
                    reads: layers.map { Read(.z($0)) } + residualLayers.map { Read(.residualPost($0)) },
                    logits: nil)
            ])[0]
            let z = try reference.floats("\(prompt.name).z")
            for layer in layers {
                assertClose(
                    result[.z(layer)]?.values.elements ?? [], z[(layer * size)..<((layer + 1) * size)], relative: 1e-3,
                    "prompt \(prompt.name), z of layer \(layer)")
            }
            let width = model.configuration.width
            let residual = try reference.floats("\(prompt.name).resid_post")
            for (index, layer) in residualLayers.enumerated() {
                assertClose(
                    result[.residualPost(layer)]?.values.elements ?? [],
                    residual[(index * width)..<((index + 1) * width)], relative: 1e-3,
                    "prompt \(prompt.name), residual stream after layer \(layer)")
            }
        }
        XCTAssertEqual(checked, 3, "prompts with sites in the reference")
    }

    func testLogProbabilityOfEachPrompt() throws {
        let model = try model()
        let run = Run(model, workers: workers)
        for prompt in try prompts() where prompt.ids.count > 1 {
            let expected = try XCTUnwrap(prompt.facts.double("logprobSum"))
            let scores = try run.score(completion: Array(prompt.ids.dropFirst()), after: Array(prompt.ids.prefix(1)))
            XCTAssertEqual(
                scores.reduce(0, +), expected, accuracy: 1e-4 * Double(scores.count) + 1e-5, "prompt \(prompt.name)")
        }
    }

    private static func every(_ step: Int, of values: [Float]) -> [Float] {
        stride(from: 0, to: values.count, by: step).map { values[$0] }
    }

    private static func greedy(
        _ model: LanguageModel, _ prompts: [[Int]], count: Int, _ workers: WorkerPool
    ) throws -> [[Int]] {
        let run = Run(model, workers: workers)
        run.sequences = prompts.map { model.makeSequence(promptCount: $0.count) }
        var next = prompts
        var ids = prompts.map { _ in [Int]() }
        for _ in 0..<count {
            let results = try run.advance(next.enumerated().map { Step(sequence: $0, tokens: $1) })
            for (index, result) in results.enumerated() {
                let logits = result.logits.elements
                let best = try XCTUnwrap(logits.indices.max { logits[$0] < logits[$1] })
                ids[index].append(best)
                next[index] = [best]
            }
        }
        return ids
    }
}
