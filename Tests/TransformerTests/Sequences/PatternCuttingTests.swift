import TensorCore
import Transformer
import XCTest
import _TestSupport

/// Attention patterns, whose length grows with the sequence, however it is cut into passes.
final class PatternCuttingTests: XCTestCase {
    private let workers = WorkerPool(count: 2)

    /// The pattern's rows, one for each head, of some positions: [position: H lists of weights, zeros cut off].
    private func patterns(
        _ model: LanguageModel, _ tokens: [Int], cut: [Int], at rule: PositionRule
    ) throws -> [Int: [[Float]]] {
        let run = Run(model, workers: workers)
        run.sequences = [model.makeSequence(promptCount: tokens.count)]
        let heads = model.configuration.heads
        var patterns: [Int: [[Float]]] = [:]
        var start = 0
        for count in cut {
            let result = try run.advance([
                Step(tokens: Array(tokens[start..<(start + count)]), reads: [Read(.pattern(0), at: rule)], logits: nil)
            ])[0]
            start += count
            let values = result.reads[0].values
            guard values.rows > 0 else { continue }
            XCTAssertEqual(values.columns, heads * start, "the length after the pass, for each head")
            for (row, position) in result.reads[0].positions.enumerated() {
                patterns[position] = (0..<heads).map { head in
                    let line = values.values(row: row, (head * start)..<((head + 1) * start))
                    XCTAssertTrue(
                        line[(position + 1)...].allSatisfy { $0 == 0 }, "position \(position) sees the future")
                    XCTAssertEqual(line.reduce(0) { $0 + Double($1) }, 1, accuracy: 1e-5, "position \(position)")
                    return Array(line[...position])
                }
            }
        }
        return patterns
    }

    private func compare(_ actual: [Int: [[Float]]], _ expected: [Int: [[Float]]], _ what: String) {
        XCTAssertEqual(actual.keys.sorted(), expected.keys.sorted(), what)
        for (position, heads) in expected {
            for (head, weights) in heads.enumerated() {
                assertClose(
                    actual[position]?[head] ?? [], weights, absolute: 2e-6,
                    "\(what): position \(position), head \(head)")
            }
        }
    }

    func testSmallCuts() throws {
        for name in ReferenceModel.tinyNames {
            let reference = try ReferenceModel.tiny(name)
            let tokens = try reference.ids
            let whole = try patterns(reference.model, tokens, cut: [17], at: .all)
            XCTAssertEqual(whole.count, 17)
            for cut in [[Int](repeating: 1, count: 17), [9, 8], [1, 15, 1]] {
                compare(try patterns(reference.model, tokens, cut: cut, at: .all), whole, "\(name) in \(cut)")
            }
        }
    }

    /// The run cuts a long prompt by itself; the pattern's length is that of the whole step.
    func testPromptLongerThanAPass() throws {
        let folder = try copyOfTinyModel(
            "llama2-like", into: makeTemporaryFolder(),
            changing: ["max_position_embeddings": 1024, "num_hidden_layers": 1])
        let model = try LanguageModel(contentsOf: folder)
        let count = Run.maximumRows + 8
        let tokens = (0..<count).map { 3 + ($0 * 7) % 80 }
        let rule = PositionRule.range(from: Run.maximumRows - 2, to: Run.maximumRows + 2)
        let whole = try patterns(model, tokens, cut: [count], at: rule)
        XCTAssertEqual(whole.count, 4)
        compare(try patterns(model, tokens, cut: [300, count - 300], at: rule), whole, "in two steps")
    }
}
