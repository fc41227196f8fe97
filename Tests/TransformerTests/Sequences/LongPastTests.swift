import TensorCore
import Transformer
import XCTest
import _TestSupport

/// Pasts of several chunks of positions: windows that begin within one or behind it, soft caps, sinks, groups of heads. However
/// a text goes through the model, its bits are the same.
final class LongPastTests: XCTestCase {
    private static let families = ["gemma2", "gemma3", "gpt_oss", "mistral-full", "gpt2", "qwen2-window"]

    private func forEachModel(_ body: (_ name: String, _ model: LanguageModel, _ tokens: [Int]) throws -> Void) throws {
        for family in Self.families {
            let folder = FixtureLocation.fixtures.appending(path: "families/\(family)")
            var model = try LanguageModel(contentsOf: folder)
            let tokens = (0..<300).map { 3 + ($0 * $0 + $0 * 7) % 80 }
            for precision in Precision.allCases {
                model.precision = precision
                try body("\(family), \(precision)", model, tokens)
            }
        }
    }

    /// The logits of positions from `start` on, the text cut into pieces.
    private func logits(
        _ model: LanguageModel, _ tokens: [Int], from start: Int, cuts: [Int], workers: Int, promptCount: Int? = nil
    ) throws -> [Float] {
        let run = Run(model, workers: WorkerPool(count: workers))
        run.sequences = [model.makeSequence(promptCount: promptCount ?? tokens.count)]
        var all: [Float] = []
        var done = 0
        for count in cuts {
            let step = Step(
                tokens: Array(tokens[done..<(done + count)]), logits: .range(from: start, to: tokens.count))
            all += try run.advance([step])[0].logits.elements
            done += count
        }
        return all
    }

    func testCutsAndWorkersDoNotChangeBits() throws {
        try forEachModel { name, model, tokens in
            let whole = try logits(model, tokens, from: 250, cuts: [300], workers: 2).map(\.bitPattern)
            XCTAssertEqual(whole.count, 50 * model.configuration.vocabulary)
            for (cuts, workers) in [
                ([250] + [Int](repeating: 1, count: 50), 1), ([253] + [Int](repeating: 1, count: 47), 3),
                ([127, 2, 127, 44], 2), ([290, 3, 7], 5),
            ] {
                let cut = try logits(model, tokens, from: 250, cuts: cuts, workers: workers).map(\.bitPattern)
                let place = zip(cut, whole).enumerated().first { $0.element.0 != $0.element.1 }?.offset
                XCTAssertNil(place, "\(name), cut into \(cuts.prefix(5)), \(workers) workers")
            }
        }
    }

    /// Several texts of one token each beside a long one, and a fork of it.
    func testBatchesAndForksDoNotChangeBits() throws {
        try forEachModel { name, model, tokens in
            let run = Run(model, workers: WorkerPool(count: 2))
            run.sequences = [model.makeSequence(promptCount: 270), model.makeSequence(promptCount: 40)]
            try run.advance([
                Step(sequence: 0, tokens: Array(tokens[..<270])), Step(sequence: 1, tokens: Array(tokens[..<40])),
            ])
            run.sequences.append(run.sequences[0])
            let results = try run.advance([
                Step(sequence: 0, tokens: [tokens[270]]), Step(sequence: 1, tokens: [tokens[40]]),
                Step(sequence: 2, tokens: [5]),
            ])
            for (result, text) in zip(results, [Array(tokens[...270]), Array(tokens[...40]), tokens[..<270] + [5]]) {
                let alone = try logits(model, text, from: text.count - 1, cuts: [text.count], workers: 1)
                XCTAssertEqual(
                    result.logits.elements.map(\.bitPattern), alone.map(\.bitPattern), "\(name), \(text.count) tokens")
            }
        }
    }

    /// Forks of one text, and of its beginnings, at the borders of chunks and within them: what one adds isn't seen by the
    /// others, and the text they come from goes on as if there were none.
    func testForksAtBordersOfChunks() throws {
        let workers = WorkerPool(count: 2)
        try forEachModel { name, model, tokens in
            let run = Run(model, workers: workers)
            run.sequences = [model.makeSequence(promptCount: 300)]
            try run.advance([Step(tokens: Array(tokens[..<256]), logits: nil)])
            let beginnings = [127, 128, 129, 255, 256]
            // Forks that end with values that aren't numbers leave their memory to the next ones.
            run.sequences += beginnings.map { run.sequences[0].prefix($0) }
            let nothing = [Float](repeating: .nan, count: model.configuration.width)
            let end = Edit(.residualPre(0), positions: .range(from: 127, to: 300), .replace(nothing))
            try run.advance(
                beginnings.indices.map {
                    Step(sequence: $0 + 1, tokens: [3, 4, 5, 6], edits: [end], changesEdits: true, logits: nil)
                })
            run.sequences.removeLast(beginnings.count)
            run.sequences += beginnings.map { run.sequences[0].prefix($0) }
            let added = beginnings.indices.map { fork in (0..<5).map { 3 + ($0 * 11 + fork * 17) % 80 } }
            // All together and then each alone, so that pages are written while others still read their neighbours.
            try run.advance(
                beginnings.indices.map { Step(sequence: $0 + 1, tokens: Array(added[$0][..<3]), logits: nil) })
            for (fork, count) in beginnings.enumerated() {
                let step = Step(
                    sequence: fork + 1, tokens: Array(added[fork][3...]), logits: .range(from: count + 4, to: count + 5)
                )
                let result = try run.advance([step])[0].logits.elements
                let alone = try logits(
                    model, tokens[..<count] + added[fork], from: count + 4, cuts: [count + 5], workers: 1,
                    promptCount: 300)
                XCTAssertEqual(result.map(\.bitPattern), alone.map(\.bitPattern), "\(name), fork at \(count)")
            }
            let rest = try run.advance([
                Step(tokens: Array(tokens[256..<260]), logits: .range(from: 259, to: 260))
            ])[0].logits.elements
            let whole = try logits(
                model, Array(tokens[..<260]), from: 259, cuts: [260], workers: 1, promptCount: 300)
            XCTAssertEqual(rest.map(\.bitPattern), whole.map(\.bitPattern), "\(name), the text itself")
        }
    }

    /// The pattern that is read is what the values are weighted with: with one-hot sums of 1, over the positions that are seen alone.
    func testPatternsOfOneTokenAreThoseOfThePrompt() throws {
        try forEachModel { name, model, tokens in
            let heads = model.configuration.heads
            let layer = model.configuration.layers - 1
            let read = Read(.pattern(layer), at: .range(from: 299, to: 300))
            let run = Run(model, workers: WorkerPool(count: 2))
            run.sequences = (0..<2).map { _ in model.makeSequence(promptCount: 300) }
            let whole = try run.advance([Step(tokens: tokens, reads: [read], logits: nil)])[0].reads[0].values
            try run.advance([Step(sequence: 1, tokens: Array(tokens.dropLast()), logits: nil)])
            let last = try run.advance([
                Step(sequence: 1, tokens: [tokens[299]], reads: [read], logits: nil)
            ])[0].reads[0].values
            XCTAssertEqual(last.elements.map(\.bitPattern), whole.elements.map(\.bitPattern), name)
            let attention = model.configuration.blocks[layer].attention
            let first = attention.window.map { 300 - $0 } ?? 0
            for head in 0..<heads {
                let weights = Array(last.row(0))[(head * 300)..<((head + 1) * 300)]
                let sum = weights.reduce(0) { $0 + Double($1) }
                if attention.hasSinks {
                    XCTAssertLessThan(sum, 1, "\(name), head \(head): the sink's share")
                } else {
                    XCTAssertEqual(sum, 1, accuracy: 1e-5, "\(name), head \(head)")
                }
                XCTAssertTrue(weights.prefix(first).allSatisfy { $0 == 0 }, "\(name): before the window")
                XCTAssertTrue(weights.dropFirst(first).contains { $0 > 0 }, name)
            }
        }
    }
}
