import Foundation
import TensorCore
import Transformer
import XCTest
import _TestSupport

@testable import Tasks

/// Calls that begin at the first block and the first position that edits concern give the bits of scoring from the beginning, whatever
/// was scored before them.
final class LateScoringTests: XCTestCase {
    private let workers = WorkerPool(count: 1)
    private let prompts = [
        [5, 9, 21, 7, 4, 30, 2, 8], [11], [30, 2, 2, 14, 8, 40, 3, 17, 12], [5, 9, 21, 3, 4, 30, 2, 8],
    ]
    private let completions = [[[4, 8, 15], [4, 16]], [[23], [42]], [[1, 2, 3]], [[9, 9], [9, 1]]]

    /// Edits that begin at a block: of its z, of the stream before it, of later blocks and behind gates.
    private func edits(_ c: ModelConfiguration, from block: Int) -> [[Edit]] {
        let wide = arbitraryVector(c.width, scale: 2)
        let head = arbitraryVector(c.headSize, scale: 2)
        let rules: [PositionRule] = [.last, .all, .generated, .range(from: -3, to: 99), .tokens([4, 40])]
        return rules.map { [.z(layer: block, head: 0, positions: $0, .add(head))] } + [
            [Edit(.residualPre(block), positions: .last, .add(wide))],
            [Edit(.residualPre(block), positions: .all, .scale(1.5))],
            [
                Edit(.mlpOut(c.layers - 1), positions: .last, .scale(3)),
                Edit.z(layer: block, head: 0, positions: .last, .zero),
            ],
            [
                Edit(
                    .z(c.layers - 1), head: 0, positions: .last,
                    gate: Gate(.z(block), head: 0, direction: head, threshold: 0, mode: .latched, positions: .all),
                    .add(head))
            ],
            [Edit(.finalNorm, positions: .last, .scale(0.5))],
        ]
    }

    private func assertSameBits(
        _ model: LanguageModel, _ name: String, from blocks: [Int], cacheBytes: Int = 1 << 30
    ) throws {
        let c = model.configuration
        let run = Run(model, workers: workers)
        let scorer = try TeacherForcedScorer(
            model, prompts: prompts, completions: completions, workers: workers, cacheBytes: cacheBytes)
        for block in blocks {
            for edits in edits(c, from: block) + [[]] {
                let actual = try scorer.logProbabilities(edits: edits)
                let logits = try scorer.lastLogits(edits: edits)
                for (prompt, completions) in completions.enumerated() {
                    let expected = try completions.map {
                        try run.score(completion: $0, after: prompts[prompt], edits: edits)
                    }
                    XCTAssertEqual(actual[prompt], expected, "\(name), prompt \(prompt), block \(block), \(edits)")
                    run.sequences = [model.makeSequence(promptCount: prompts[prompt].count)]
                    let last = try run.advance([Step(tokens: prompts[prompt], edits: edits)])[0].logits
                    XCTAssertEqual(logits[prompt], last.elements, "\(name), prompt \(prompt), block \(block), \(edits)")
                    run.sequences = []
                }
            }
        }
    }

    func testSameBitsInEveryFamily() throws {
        let families = try FixtureLocation.families()
        XCTAssertGreaterThan(families.count, 15)
        for folder in families {
            let name = folder.lastPathComponent
            let model = try LanguageModel(contentsOf: folder)
            try assertSameBits(model, name, from: [model.configuration.layers - 1])
        }
    }

    func testSameBitsWithoutRoomAndInFastPrecision() throws {
        var model = try LanguageModel(contentsOf: FixtureLocation.fixtures.appending(path: "planted/planted.gguf"))
        XCTAssertGreaterThan(model.configuration.layers, 3)
        // Later blocks first, then earlier and later ones again.
        let last = model.configuration.layers - 1
        for room in [0, 1 << 30] {
            try assertSameBits(model, "planted, room \(room)", from: [last, 0, last / 2, last], cacheBytes: room)
        }
        model.precision = .fast
        try assertSameBits(model, "planted, fast", from: [last, last / 2])
    }

    /// The work of a call, in multiplications, beside that of one whose edits begin at the first block.
    func testLateEditsCostLess() throws {
        let model = try LanguageModel(contentsOf: FixtureLocation.fixtures.appending(path: "planted/planted.gguf"))
        let c = model.configuration
        let scorer = try TeacherForcedScorer(model, prompts: prompts, completions: completions, workers: workers)
        func work(_ edits: [Edit]) throws -> Double {
            let before = workers.multiplications
            _ = try scorer.logProbabilities(edits: edits)
            return Double(workers.multiplications - before)
        }
        func edit(_ block: Int, _ rule: PositionRule) -> [Edit] { [.z(layer: block, head: 0, positions: rule, .zero)] }
        for rule in [PositionRule.last, .all] {
            let whole = try work(edit(0, rule))
            _ = try work(edit(c.layers - 1, rule))
            let (unembedding, late) = (
                try work([Edit(.logits, positions: .last, .scale(2))]), try work(edit(c.layers - 1, rule))
            )
            // All but the last block are left out; the unembedding isn't, nor is the last block.
            XCTAssertLessThan(late, whole / 2, "\(rule): \(late) of \(whole)")
            XCTAssertLessThanOrEqual(unembedding, late, "\(rule)")
            // In the middle about half of it.
            let middle = try work(edit(c.layers / 2, rule))
            XCTAssertLessThan(middle, whole, "\(rule)")
            XCTAssertGreaterThan(middle, late, "\(rule)")
        }
        // A prompt whose end alone is edited goes on from its own past.
        let whole = try work(edit(0, .all))
        let end = try work(edit(0, .range(from: -3, to: 99)))
        XCTAssertLessThan(end, 0.85 * whole)
    }

    /// Room for a part of the blocks alone: every n-th is kept, and nothing where there is no room for one.
    func testLittleRoom() throws {
        let c = try LanguageModel(contentsOf: FixtureLocation.fixtures.appending(path: "planted/planted.gguf"))
            .configuration
        let block = 4 * c.width * 5
        func blocks(_ bytes: Int) -> [Int] { UneditedResidual(lengths: [2, 3], c, most: bytes).blocks }
        XCTAssertEqual(blocks(block * c.layers), Array(1..<c.layers))
        XCTAssertEqual(blocks(block - 1), [])
        XCTAssertEqual(blocks(-1), [])
        for room in 1..<c.layers {
            let kept = blocks(room * block)
            XCTAssertLessThanOrEqual(kept.count, room)
            XCTAssertFalse(kept.isEmpty, "room for \(room)")
        }
        var unedited = UneditedResidual(lengths: [2, 0], c)
        XCTAssertEqual(unedited.known(of: [0, 1], upTo: c.layers), [0])
        XCTAssertEqual(unedited.wanted(of: [0], from: 1, upTo: 2), [2])
        let rows = (0..<2 * c.width).map { Float($0) }
        unedited.keep(0, before: [1, 2], [rows, Array(rows.dropLast())])
        XCTAssertEqual(unedited.known(of: [0, 1], upTo: c.layers), [0, 1], "a part of a text isn't kept")
        XCTAssertEqual(unedited.known(of: [0, 1], upTo: 0), [0])
        XCTAssertEqual(unedited.rows(of: 0, 1..<2, before: 1).elements, Array(rows.suffix(c.width)))
        XCTAssertEqual(unedited.rows(of: 1, 0..<0, before: 1).elements, [])
        unedited.forget()
        XCTAssertEqual(unedited.known(of: [0], upTo: c.layers), [0])
    }
}
