import DataFiles
import TensorCore
import Transformer
import XCTest
import _TestSupport

/// Teacher-forced scores against steps, and runs beside each other.
final class ScoringTests: XCTestCase {
    private let workers = WorkerPool(count: 2)
    private let prompt = [1, 31, 80, 67, 36, 15]

    private func run(_ model: LanguageModel) -> Run {
        let run = Run(model, workers: workers)
        run.sequences = [model.makeSequence(promptCount: prompt.count)]
        return run
    }

    /// Teacher-forced scores are what generation step by step sees, edits included; the run is left as it was.
    func testScoreAgreesWithSteps() throws {
        let model = try ReferenceModel.tiny("sharded-bf16").model
        let completion = [9, 30, 30, 71, 5]
        for edits in [
            [],
            [
                Edit.z(layer: 1, head: 4, positions: .last, .scale(-3)),
                Edit.z(layer: 0, head: 0, positions: .generated, .zero),
            ],
        ] {
            let run = run(model)
            try run.advance([Step(tokens: [1, 2])])
            let scores = try run.score(completion: completion, after: prompt, edits: edits)
            XCTAssertEqual(run.sequences.map(\.tokens), [[1, 2]])
            let steps = self.run(model)
            var next = prompt
            for (index, token) in completion.enumerated() {
                let logits = try steps.advance([Step(tokens: next, edits: edits)])[0].logits.elements.map(Double.init)
                let largest = logits.max() ?? 0
                let expected = logits[token] - largest - log(logits.reduce(0) { $0 + exp($1 - largest) })
                XCTAssertEqual(scores[index], expected, accuracy: 1e-5, "token \(index) with \(edits.count) edits")
                next = [token]
            }
        }
        XCTAssertThrowsError(try run(model).score(completion: [1000], after: prompt)) {
            XCTAssertTrue($0 is InputError, "\($0)")
        }
        let failing = run(model)
        XCTAssertThrowsError(try failing.score(completion: [Int](repeating: 1, count: 300), after: prompt))
        XCTAssertEqual(failing.sequences.count, 1, "sequences after a score that failed")
    }

    /// Runs of one model on several threads, sharing workers, don't meet.
    func testConcurrentRuns() throws {
        let model = try ReferenceModel.tiny("grouped").model
        let workers = workers
        let prompt = prompt
        let expected = try run(model).advance([Step(tokens: prompt)])[0].logits
        let results = ResultList()
        DispatchQueue.concurrentPerform(iterations: 8) { _ in
            let run = Run(model, workers: workers)
            run.isCancelled = { false }
            run.sequences = [model.makeSequence(promptCount: prompt.count)]
            results.append((try? run.advance([Step(tokens: prompt)])[0].logits) ?? Matrix(rows: 0, columns: 0))
        }
        XCTAssertEqual(results.values, [Matrix](repeating: expected, count: 8))
    }
}

/// Matrices that several threads append to.
private final class ResultList: @unchecked Sendable {
    private let lock = NSLock()
    private var list: [Matrix] = []
    func append(_ matrix: Matrix) { lock.withLock { list.append(matrix) } }
    var values: [Matrix] { lock.withLock { list } }
}
