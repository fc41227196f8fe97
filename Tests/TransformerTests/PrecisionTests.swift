import DataFiles
import Foundation
import TensorCore
import Transformer
import XCTest
import _TestSupport

/// What the fast precision changes, and what it doesn't.
final class PrecisionTests: XCTestCase {
    /// These models' weights have no integer products, so only keys and values are rounded, to 16 bits.
    func testRoundedKeysAndValuesChangeLittle() throws {
        for name in ReferenceModel.tinyNames {
            let reference = try ReferenceModel.tiny(name)
            var fast = reference.model
            fast.precision = .fast
            let ids = try reference.ids
            let exact = try reference.model.pass(ids, workers: WorkerPool(count: 1)).logits
            let rounded = try fast.pass(ids, workers: WorkerPool(count: 1)).logits
            let size = exact.elements.map(abs).max() ?? 0
            let largest = zip(exact.elements, rounded.elements).map { abs($0 - $1) }.max() ?? 0
            XCTAssertGreaterThan(largest, 0, "\(name): was anything rounded?")
            XCTAssertLessThan(largest, 3e-3 * size, name)
        }
    }

    func testASequenceKeepsItsPrecision() throws {
        let reference = try ReferenceModel.tiny("grouped")
        var fast = reference.model
        fast.precision = .fast
        XCTAssertEqual(reference.model.precision, .exact)
        let run = Run(fast, workers: WorkerPool(count: 1))
        run.sequences = [fast.makeSequence(promptCount: 2)]
        let whole = try run.advance([Step(tokens: [1, 2], logits: .all)])[0].logits
        run.sequences = [fast.makeSequence(promptCount: 2)]
        let first = try run.advance([Step(tokens: [1], logits: .all)])[0].logits
        let second = try run.advance([Step(tokens: [2], logits: .all)])[0].logits
        XCTAssertEqual(first.elements + second.elements, whole.elements)
    }
}

/// The same on the real model, whose weights have integer products.
final class SmolLM2PrecisionTests: XCTestCase {
    private func models() throws -> (exact: LanguageModel, fast: LanguageModel) {
        let exact = try LanguageModel.fetchedSmolLM2()
        var fast = exact
        fast.precision = .fast
        return (exact, fast)
    }

    private func prompt(_ seed: Int, _ count: Int) -> [Int] {
        (0..<count).map { 300 + ($0 * 7919 + seed * 104_729) % 20_000 }
    }

    /// The texts of the parity tests: the limits are twice what was measured.
    func testErrorOfFastProducts() throws {
        let (exact, fast) = try models()
        let workers = WorkerPool()
        var divergence = 0.0
        var positions = 0
        var agreeing = 0
        var largest: Float = 0
        let facts = try JSONObject(contentsOf: FixtureLocation.fixtures.appending(path: "reference/smollm2.json"))
        for prompt in try XCTUnwrap(facts.objects("prompts")) {
            let ids = try XCTUnwrap(prompt.integers("ids"))
            let a = try exact.pass(ids, workers: workers).logits
            let b = try fast.pass(ids, workers: workers).logits
            for row in 0..<a.rows {
                let p = Self.logProbabilities(a.row(row))
                let q = Self.logProbabilities(b.row(row))
                divergence += zip(p, q).reduce(0) { $0 + exp($1.0) * ($1.0 - $1.1) }
                largest = max(largest, zip(a.row(row), b.row(row)).map { abs($0 - $1) }.max() ?? 0)
                positions += 1
                agreeing += argmax(a.row(row)) == argmax(b.row(row)) ? 1 : 0
            }
        }
        let mean = divergence / Double(positions)
        print(
            "fast against exact, \(positions) positions: largest logit difference \(largest), mean KL \(mean) nats, the "
                + "same most likely token at \(agreeing)")
        XCTAssertGreaterThan(mean, 0, "was anything rounded?")
        XCTAssertLessThan(mean, 0.01, "nats a position")
        XCTAssertGreaterThan(Double(agreeing) / Double(positions), 0.9, "the most likely token is the same")
    }

    /// Bits depend neither on the number of threads, nor on the batch, nor on the cut of a prompt.
    func testBitsOfFastProductsDependOnNothingElse() throws {
        let (_, fast) = try models()
        let ids = prompt(1, 70)
        let whole = try fast.pass(ids, workers: WorkerPool(count: 1)).logits.elements.map(\.bitPattern)
        XCTAssertEqual(try fast.pass(ids, workers: WorkerPool(count: 3)).logits.elements.map(\.bitPattern), whole)
        let run = Run(fast, workers: WorkerPool(count: 2))
        run.sequences = [33, 70, 5].map { _ in fast.makeSequence(promptCount: 70) }
        var cut: [UInt32] = []
        for range in [0..<1, 1..<34, 34..<70] {
            let steps = [
                Step(sequence: 0, tokens: prompt(2, range.count)),
                Step(sequence: 1, tokens: Array(ids[range]), logits: .all),
                Step(sequence: 2, tokens: prompt(3, 2)),
            ]
            cut += try run.advance(steps)[1].logits.elements.map(\.bitPattern)
        }
        XCTAssertEqual(cut, whole)
    }

    private static func logProbabilities(_ logits: ArraySlice<Float>) -> [Double] {
        let largest = Double(logits.max() ?? 0)
        let sum = logits.reduce(0) { $0 + exp(Double($1) - largest) }
        return logits.map { Double($0) - largest - log(sum) }
    }
}
