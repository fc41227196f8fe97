import TensorCore
import Transformer
import XCTest
import _TestSupport

/// A sequence's values have the same bits however its prompt is cut into passes and whatever goes through the model with it.
final class BitInvarianceTests: XCTestCase {
    func testCutsDoNotChangeBits() throws {
        for name in ReferenceModel.tinyNames {
            let reference = try ReferenceModel.tiny(name)
            let ids = try longPrompt(reference)
            let whole = try logits(reference, ids, cuts: [ids.count], workers: WorkerPool(count: 2))
            for cuts in [
                Array(repeating: 1, count: ids.count), [5, 1, ids.count - 6], [1, ids.count - 1], [33, ids.count - 33],
            ] {
                let cut = try logits(reference, ids, cuts: cuts, workers: WorkerPool(count: 1))
                XCTAssertEqual(cut.map(\.bitPattern), whole.map(\.bitPattern), "\(name) cut into \(cuts)")
            }
        }
    }

    func testBatchesDoNotChangeBits() throws {
        for name in ReferenceModel.tinyNames {
            let reference = try ReferenceModel.tiny(name)
            let ids = try longPrompt(reference)
            let lengths = [1, 2, 7, 12, 31, 32, 33, ids.count]
            let run = Run(reference.model, workers: WorkerPool(count: 2))
            run.sequences = lengths.map { reference.model.makeSequence(promptCount: $0) }
            let steps = lengths.enumerated().map { Step(sequence: $0, tokens: Array(ids.prefix($1)), logits: .all) }
            let together = try run.advance(steps)
            for (index, length) in lengths.enumerated() {
                let alone = reference.run(promptCount: length, workers: WorkerPool(count: 1))
                let result = try alone.advance([Step(tokens: Array(ids.prefix(length)), logits: .all)])[0]
                XCTAssertEqual(
                    together[index].logits.elements.map(\.bitPattern), result.logits.elements.map(\.bitPattern),
                    "\(name), the first \(length) tokens")
            }
        }
    }

    /// More tokens than attention takes as one group of positions or as one block of queries.
    private func longPrompt(_ reference: ReferenceModel) throws -> [Int] {
        let ids = try reference.ids
        let count = min(90, reference.model.configuration.context)
        XCTAssertGreaterThan(count, 64, "\(reference.name) has too short a context for this test")
        return (0..<count).map { ids[$0 * 7 % ids.count] }
    }

    /// The logits at all positions, the prompt given in pieces.
    private func logits(
        _ reference: ReferenceModel, _ ids: [Int], cuts: [Int], workers: WorkerPool
    ) throws -> [Float] {
        let run = reference.run(promptCount: ids.count, workers: workers)
        var all: [Float] = []
        var start = 0
        for count in cuts {
            let step = Step(tokens: Array(ids[start..<(start + count)]), logits: .all)
            all += try run.advance([step])[0].logits.elements
            start += count
        }
        return all
    }
}
