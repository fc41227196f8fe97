import TensorCore
import Transformer
import XCTest
import _TestSupport

final class PositionRuleTests: XCTestCase {
    /// The positions of 8 (the tokens 10, 11, …, 17) that a rule takes, with a prompt of 5.
    private func positions(_ rule: PositionRule) -> [Int] {
        (0..<8).filter { rule.contains(position: $0, token: 10 + $0, promptCount: 5) }
    }

    func testTable() {
        let cases: [(PositionRule, [Int])] = [
            (.all, [0, 1, 2, 3, 4, 5, 6, 7]),
            (.last, [4, 5, 6, 7]),
            (.prompt, [0, 1, 2, 3, 4]),
            (.generated, [5, 6, 7]),
            (.range(from: 0, to: 3), [0, 1, 2]),
            (.range(from: 2, to: 2), []),
            (.range(from: 3, to: 2), []),
            (.range(from: 6, to: 100), [6, 7]),
            (.range(from: -1, to: 5), [4]),
            (.range(from: -2, to: -1), [3]),
            (.range(from: -3, to: 7), [2, 3, 4, 5, 6]),
            (.range(from: 0, to: -4), [0]),
            (.range(from: 0, to: -5), []),
            (.range(from: -100, to: 2), [0, 1]),
            (.range(from: -100, to: -100), []),
            (.range(from: -1, to: 0), []),
            (.tokens([12, 17, 99]), [2, 7]),
            (.tokens([]), []),
        ]
        for (rule, expected) in cases { XCTAssertEqual(positions(rule), expected, "\(rule)") }
        XCTAssertTrue(PositionRule.last.contains(position: 0, token: 1, promptCount: 1))
    }

    /// A read takes the positions of its rule, however the sequence is cut into passes.
    func testReadsFollowTheRule() throws {
        let model = try ReferenceModel.tiny("grouped").model
        let tokens = [10, 11, 12, 13, 14, 15, 16, 17]
        let rules: [PositionRule] = [
            .all, .last, .prompt, .generated, .range(from: -2, to: 6), .tokens([12, 16]), .tokens([]),
        ]
        for cut in [[8], [5, 1, 1, 1], [1, 1, 1, 1, 1, 1, 1, 1], [3, 4, 1]] {
            let run = Run(model, workers: WorkerPool(count: 1))
            run.sequences = [model.makeSequence(promptCount: 5)]
            var kept = [[Int]](repeating: [], count: rules.count)
            var logitPositions: [Int] = []
            var start = 0
            for count in cut {
                let result = try run.advance([
                    Step(
                        tokens: Array(tokens[start..<(start + count)]), reads: rules.map { Read(.z(1), at: $0) },
                        logits: .last)
                ])[0]
                for (index, read) in result.reads.enumerated() {
                    kept[index] += read.positions
                    XCTAssertEqual(read.values.rows, read.positions.count)
                }
                logitPositions += result.logitPositions
                start += count
            }
            XCTAssertEqual(kept, rules.map(positions), "cut into \(cut)")
            XCTAssertEqual(logitPositions, [4, 5, 6, 7], "cut into \(cut)")
        }
    }
}
