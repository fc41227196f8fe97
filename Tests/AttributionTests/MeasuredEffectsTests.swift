import Attribution
import CausalSearch
import HeadSteerTesting
import Tasks
import TensorCore
import Transformer
import XCTest
import _TestSupport

/// What estimates are compared with, against plain passes over whole prompts from the first block on.
final class MeasuredEffectsTests: XCTestCase {
    private func logitDifference(_ planted: PlantedModel, _ item: ContrastItem, _ edits: [Edit]) throws -> Double {
        let run = Run(planted.model, workers: planted.workers)
        run.sequences = [planted.model.makeSequence(promptCount: item.prompt.count)]
        let logits = try run.advance([Step(tokens: item.prompt, edits: edits, logits: .last)])[0].logits
        return item.difference(item.tokens.map { logits[0, $0] })
    }

    private func values(_ planted: PlantedModel, _ prompt: [Int], _ site: Site) throws -> Matrix {
        let run = Run(planted.model, workers: planted.workers)
        run.sequences = [planted.model.makeSequence(promptCount: prompt.count)]
        return try run.advance([Step(tokens: prompt, reads: [Read(site, at: .all)], logits: nil)])[0].reads[0].values
    }

    /// At the last position the sweep measures the same, also of edits that don't add.
    func testItIsTheSweepAtTheLastPosition() throws {
        let planted = try PlantedOnce.planted.get()
        let directions = try PlantedOnce.directions.get()
        var edits = directions.map { $0.headEdit(sigmas: 8) }
        edits[3] = HeadEdit(edits[3].target, .rotate(directions[3].unit, degrees: 40))
        let measured = SteeringAttribution(planted.model, items: planted.contrasts.items, workers: planted.workers)
        var progress = 0
        let effects = try measured.measuredEffects(of: edits) { progress = $0 }
        XCTAssertEqual(progress, measured.measuredTextCount(of: edits))
        XCTAssertEqual(effects.map(\.effect), effects.map(\.effect).sorted(by: >))
        let swept = try HeadSweep(planted.model, items: planted.contrasts.items, workers: planted.workers)
            .effects(of: edits)
        let truth = Dictionary(uniqueKeysWithValues: swept.map { ($0.head, $0.changes) })
        XCTAssertEqual(effects.count, 24)
        for head in effects {
            for (change, exact) in zip(head.changes, try XCTUnwrap(truth[head.head])) {
                XCTAssertEqual(change, exact, accuracy: 1e-4 * max(1, abs(exact)), "\(head.head)")
            }
        }
    }

    func testOtherPositions() throws {
        let planted = try PlantedOnce.planted.get()
        let items = Array(planted.contrasts.items.prefix(3))
        let edits = try PlantedOnce.directions.get().filter { ["0.2", "2.1", "4.2"].contains($0.name) }
            .map { $0.headEdit(sigmas: 2) }
        let rule = PositionRule.range(from: 1, to: 4)
        let effects = try SteeringAttribution(planted.model, items: items, workers: planted.workers)
            .measuredEffects(of: edits, at: rule)
        for edit in edits {
            let changes = try XCTUnwrap(effects.first { $0.head == edit.target }).changes
            for (item, change) in zip(items, changes) {
                let exact =
                    try logitDifference(planted, item, [edit.at(rule)]) - logitDifference(planted, item, [])
                XCTAssertEqual(change, exact, accuracy: 1e-4 * max(1, abs(exact)), "\(edit.target)")
            }
        }
        XCTAssertGreaterThan(effects.map { abs($0.effect) }.max() ?? 0, 0.1)
    }

    func testWholeAnswers() throws {
        let planted = try PlantedOnce.planted.get()
        let (one, other) = (planted.contrasts.items[0], planted.contrasts.items[1])
        let positive = [[one.positive[0], other.prompt[0], other.prompt[1]], [one.positive[0]]]
        let negative = [[one.negative[0], other.prompt[1]]]
        let edit = try XCTUnwrap(PlantedOnce.directions.get().first { $0.name == "2.1" }).headEdit(sigmas: 4)
        let item = AttributedItem(prompt: one.prompt, positive: positive, negative: negative, group: "a")
        let effect = try SteeringAttribution(planted.model, items: [item], workers: planted.workers)
            .measuredEffects(of: [edit])[0].effect
        let run = Run(planted.model, workers: planted.workers)
        func value(_ edits: [Edit]) throws -> Double {
            let scores = try (positive + negative).map {
                try run.score(completion: $0, after: one.prompt, edits: edits).reduce(0, +)
            }
            return (scores[0] + scores[1]) / 2 - scores[2]
        }
        let exact = try value([edit.at(.last)]) - value([])
        XCTAssertGreaterThan(abs(exact), 0.1)
        XCTAssertEqual(effect, exact, accuracy: 1e-4 * abs(exact))
    }

    /// z, queries and keys of another prompt, one head and position at a time.
    func testValuesOfAnotherPrompt() throws {
        let planted = try PlantedOnce.planted.get()
        let (items, neutral) = try MoodPrompts.items(planted, as: \.neutral)
        let (item, other) = (items[0], neutral[0])
        let c = planted.model.configuration
        let patching = try PatchingAttribution(
            planted.model, items: [item], corrupted: [other], workers: planted.workers)
        var progress: [Int] = []
        let z = try patching.measuredEffects { progress.append($0) }
        XCTAssertEqual(progress, Array(1...patching.positionCount))
        var positions = 0
        let parts = try QueryKeyAttribution(planted.model, workers: planted.workers)
            .measured(item, corrupted: other) { positions += 1 }
        XCTAssertEqual(positions, item.prompt.count)
        XCTAssertEqual(parts.queries.rows, c.layers * c.heads)
        XCTAssertEqual(parts.keys.rows, c.layers * c.kvHeads)
        let before = try logitDifference(planted, item, [])
        let word = try XCTUnwrap(item.prompt.indices.first { item.prompt[$0] != other[$0] })
        for (measured, site, heads) in [
            (z.positions[0], Site.z, c.heads), (parts.queries, Site.rotatedQuery, c.heads),
            (parts.keys, Site.rotatedKey, c.kvHeads),
        ] {
            for layer in [0, 2, 4] {
                let own = try values(planted, item.prompt, site(layer))
                let patch = try values(planted, other, site(layer))
                for position in [0, word, item.prompt.count - 1] {
                    for head in 0..<heads {
                        let range = (head * c.headSize)..<((head + 1) * c.headSize)
                        let values = Array(Array(patch.row(position))[range])
                        let edit = Edit(
                            site(layer), head: head, positions: .range(from: position, to: position + 1),
                            .replace(values))
                        let exact = try logitDifference(planted, item, [edit]) - before
                        let change = Double(measured[layer * heads + head, position])
                        XCTAssertEqual(
                            change, exact, accuracy: 1e-4 * max(1, abs(exact)), "\(site(layer)) \(head) at \(position)")
                        if Array(Array(own.row(position))[range]) == values { XCTAssertEqual(change, 0) }
                    }
                }
            }
        }
        // The two heads that carry the mood, where the word is.
        XCTAssertEqual(Set(z.heads.prefix(2).map(\.head.description)), ["2.1", "4.2"])
        let keys = (0..<parts.keys.rows).map { parts.keys.row($0).reduce(0, +) }
        XCTAssertEqual(keys.max(), keys[2 * c.kvHeads + c.headGroups.kvHead(of: 1)])
    }
}
