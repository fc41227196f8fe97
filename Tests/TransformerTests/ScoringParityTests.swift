import DataFiles
import Foundation
import TensorCore
import Transformer
import XCTest
import _TestSupport

/// Greedy continuations and log-probabilities against transformers.
final class ScoringParityTests: XCTestCase {
    private let workers = WorkerPool(count: 2)

    func testGreedyContinuations() throws {
        for name in ReferenceModel.tinyNames { try checkGreedy(.tiny(name)) }
        try checkGreedy(.tinyGGUF())
    }

    func testLogProbabilities() throws {
        for name in ReferenceModel.tinyNames {
            let reference = try ReferenceModel.tiny(name)
            let ids = try reference.ids
            let expected = try XCTUnwrap(reference.facts.doubles("logprobs")).map { Float($0) }
            let run = reference.run(promptCount: 1, workers: workers)
            let scores = try run.score(completion: Array(ids.dropFirst()), after: Array(ids.prefix(1)))
            assertClose(scores.map { Float($0) }, expected, absolute: 2e-5, name)
        }
    }

    private func checkGreedy(_ reference: ReferenceModel) throws {
        let greedy = try XCTUnwrap(reference.facts.object("greedy"))
        let prompt = try XCTUnwrap(greedy.integers("prompt"))
        let expected = try XCTUnwrap(greedy.integers("ids"))
        let run = reference.run(promptCount: prompt.count, workers: workers)
        var next = prompt
        var ids: [Int] = []
        while ids.count < expected.count {
            let logits = try run.advance([Step(tokens: next)])[0].logits.elements
            let best = try XCTUnwrap(logits.indices.max { logits[$0] < logits[$1] })
            ids.append(best)
            next = [best]
        }
        XCTAssertEqual(ids, expected, reference.name)
    }
}
