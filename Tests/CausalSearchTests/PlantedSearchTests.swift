import CausalSearch
import DataFiles
import DataSets
import Foundation
import Generation
import HeadSteerTesting
import Intervention
import Tasks
import Transformer
import XCTest
import _TestSupport

/// The ground truth: the planted heads are found, editing them flips the text, editing any other does not.
final class PlantedSearchTests: XCTestCase {
    func testSweepFindsThePlantedHeadsAndNothingElse() throws {
        let planted = try PlantedModel()
        let sweep = try HeadSweep(planted.model, items: planted.contrasts.items, workers: planted.workers)
        let effects = try sweep.effects(of: planted.directions(), strength: 8)
        XCTAssertEqual(effects.prefix(2).map { "\($0.head)" }, ["2.1", "4.2"])
        let others = effects.dropFirst(2).map { abs($0.effect) }.max() ?? 0
        XCTAssertLessThan(others * 100, effects[1].effect, "the largest other effect is \(others)")
        for effect in effects.prefix(2) {
            XCTAssertGreaterThan(effect.ciLow ?? .nan, 0, "\(effect)")
            XCTAssertLessThanOrEqual(effect.ciLow ?? .nan, effect.effect)
            XCTAssertGreaterThanOrEqual(effect.ciHigh ?? .nan, effect.effect)
        }
    }

    /// Every head's effect on every prompt, and its σ, against NumPy in double precision.
    func testEffectsAgreeWithNumPy() throws {
        let planted = try PlantedModel()
        let directions = try planted.directions()
        let sweep = try HeadSweep(planted.model, items: planted.contrasts.items, workers: planted.workers)
        let effects = try sweep.effects(of: directions, strength: 8)
        let heads = try XCTUnwrap(planted.truth.objects("heads"))
        XCTAssertEqual(heads.count, effects.count)
        for head in heads {
            let place = Head(
                layer: try XCTUnwrap(head.integer("layer")), index: try XCTUnwrap(head.integer("head")))
            let effect = try XCTUnwrap(effects.first { $0.head == place })
            let direction = try XCTUnwrap(directions.first { $0.head == place })
            let expected = try XCTUnwrap(head.doubles("effects")).map { Float($0) }
            assertClose(
                effect.changes.map { Float($0) }, expected, absolute: 2e-4, "effects of \(place)")
            XCTAssertEqual(direction.sigma, try XCTUnwrap(head.double("sigma")), accuracy: 1e-5, "\(place)")
            XCTAssertEqual(direction.headNorm, try XCTUnwrap(head.double("zNorm")), accuracy: 1e-5, "\(place)")
        }
    }

    func testTextsFlipWithThePlantedHeadsAlone() throws {
        let planted = try PlantedModel()
        let directions = try planted.directions()
        for text in try XCTUnwrap(planted.truth.objects("texts")) {
            let prompt = try XCTUnwrap(text.string("prompt"))
            let neutral = try XCTUnwrap(text.string("neutral"))
            for (name, layer, head, strength) in [
                ("plus", 2, 1, 8.0), ("minus", 2, 1, -8), ("secondPlus", 4, 2, 8), ("secondMinus", 4, 2, -8),
            ] {
                let direction = try XCTUnwrap(directions.first { $0.head == Head(layer: layer, index: head) })
                let expected = try XCTUnwrap(text.string(name))
                XCTAssertNotEqual(expected, neutral, "the fixture's \(name) does not flip")
                XCTAssertEqual(
                    try generate(planted, prompt, [direction.headEdit(sigmas: strength)]), expected, "\(name) \(prompt)"
                )
            }
            XCTAssertEqual(try generate(planted, prompt, []), neutral, prompt)
        }
        let prompt = "My day at work was"
        let neutral = try generate(planted, prompt, [])
        for direction in directions where !["2.1", "4.2"].contains(direction.name) {
            for strength in [-8.0, 8] {
                XCTAssertEqual(
                    try generate(planted, prompt, [direction.headEdit(sigmas: strength)]), neutral,
                    "head \(direction.name) at \(strength)")
            }
        }
    }

    /// The texts and what effects are measured on, for a search.
    private func input(_ planted: PlantedModel) throws -> SearchInput {
        let preparation = try TextPreparation(planted.tokenizer)
        let contrast = try DataSet(contentsOf: PlantedModel.folder.appending(path: "mood-contrast.jsonl"))
        return SearchInput(
            texts: try planted.examples.map { try preparation.prepare($0) }, contrasts: planted.contrasts,
            answers: try AnswerTask(contrast, tokenizer: planted.tokenizer, file: "mood-contrast.jsonl"),
            neutral: ["My day at work was", "The talk with my sister left me"])
    }

    func testSearchWritesAPlanThatDoesIt() throws {
        let planted = try PlantedModel()
        let search = HeadSearch(planted.model, tokenizer: planted.tokenizer, workers: planted.workers)
        var stages: [SearchStage] = []
        let result = try search.find(
            SearchOptions(heads: 2, checkedHeads: 4, budget: SideEffectBudget(mostKL: 100)), in: input(planted)
        ) { stages.append($0) }
        XCTAssertEqual(result.heads.map(\.name), ["2.1", "4.2"])
        XCTAssertTrue(result.trials.contains { $0.strength == result.strength })
        XCTAssertTrue(stages.contains(.collecting(done: 48, of: 48)))
        XCTAssertTrue(stages.contains(.screening(done: 24, of: 24)))
        // Random directions at the planted heads do little; at the others nothing does anything.
        for head in result.screened.prefix(2) {
            XCTAssertLessThan(try XCTUnwrap(head.p), 0.02, "\(head.head)")
            XCTAssertGreaterThan(try XCTUnwrap(head.excess), 3, "\(head.head)")
            XCTAssertEqual(try XCTUnwrap(head.auroc), 1, accuracy: 0.01, "\(head.head)")
            XCTAssertGreaterThan(head.positiveEffect, 0, "\(head.head)")
            XCTAssertLessThan(head.negativeEffect, 0, "\(head.head)")
        }
        XCTAssertEqual(result.screened.count { ($0.q ?? 1) < 0.05 && $0.effect > 0 }, 2)
        // 2.1 acts through later layers or directly; alone it turns every text, the noise heads none.
        XCTAssertEqual(result.checked.first { "\($0.head)" == "2.1" }?.outcomes.undefined, 0)
        XCTAssertGreaterThan(try XCTUnwrap(result.checked.first { "\($0.head)" == "2.1" }?.gain), 0.3)
        XCTAssertEqual(result.combination.map(\.added.description), ["2.1", "4.2"])
        XCTAssertGreaterThan(result.combination[1].effect, result.combination[0].effect)

        let folder = FileManager.default.temporaryDirectory.appending(path: "headsteer-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let fingerprint = try planted.model.fingerprint(workers: planted.workers)
        try result.write(
            to: folder, model: ModelReference(planted.model.configuration, fingerprint: fingerprint))
        XCTAssertEqual(
            try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted(),
            ["directions.safetensors", "plan.json", "report.json", "times.json"])
        let edits = try LoadedPlan(
            contentsOf: folder.appending(path: "plan.json"), model: planted.model, workers: planted.workers
        ).edits(planted.model.configuration)
        let verified = try PlanVerifier(planted.model, workers: planted.workers).verify(
            LoadedPlan(contentsOf: folder.appending(path: "plan.json")))
        XCTAssertTrue(verified.holds, "\(verified.checks.filter { $0.outcome == .fails })")
        XCTAssertEqual(verified.notRecorded, [], "a search records all that is checked")
        let prompt = try planted.tokenizer.encode(prompt: "My day at work was", completion: "").prompt
        let texts = try [edits, result.edits(), result.edits(scale: -1)].map { edits in
            try BatchGenerator(
                [GenerationRequest(prompt: prompt, edits: edits, maxTokens: 12)], model: planted.model,
                workers: planted.workers
            ).finish()[0].ids
        }
        XCTAssertEqual(texts[0], texts[1], "the saved plan and the result in memory write different texts")
        XCTAssertNotEqual(texts[1], texts[2], "both signs write the same text")
    }

    /// Shuffled labels give directions that move nothing: nothing is found where there is nothing.
    func testShuffledLabelsFindNothing() throws {
        let planted = try PlantedModel()
        let table = try planted.collect(planted.examples).table
        let sweep = try HeadSweep(planted.model, items: planted.contrasts.items, workers: planted.workers)
        let true21 = try XCTUnwrap(
            sweep.effects(of: table.directions(labels: planted.examples.map(\.label)), strength: 8).first?.effect)
        for seed in 0..<3 {
            var labels = planted.examples.map(\.label)
            var random = SeededGenerator(seed: UInt64(seed))
            random.shuffle(&labels)
            // A shuffled direction may still have a component along the planted one; along the rest of z it does nothing.
            let directions = try table.directions(labels: labels)
            let planted21 = try XCTUnwrap(
                table.directions(labels: planted.examples.map(\.label)).first { $0.name == "2.1" })
            for effect in try sweep.effects(of: directions, strength: 8) {
                let name = "\(effect.head)"
                if name == "2.1" {
                    let direction = try XCTUnwrap(directions.first { $0.name == name })
                    let cosine = zip(direction.unit, planted21.unit).reduce(0.0) { $0 + Double($1.0 * $1.1) }
                    XCTAssertLessThanOrEqual(abs(effect.effect), true21 * 1.01, "seed \(seed)")
                    XCTAssertEqual(effect.effect > 0, cosine > 0, "seed \(seed): effect against the direction's sign")
                } else if name != "4.2" {
                    XCTAssertLessThan(abs(effect.effect), true21 / 100, "seed \(seed), head \(name)")
                }
            }
        }
    }

    private func generate(_ planted: PlantedModel, _ prompt: String, _ edits: [HeadEdit]) throws -> String {
        let ids = try planted.tokenizer.encode(prompt: prompt, completion: "").prompt
        let request = GenerationRequest(
            prompt: ids, edits: edits.map { $0.at(.last) }, maxTokens: 24,
            endTokens: planted.tokenizer.endOfGenerationTokens)
        let text = try BatchGenerator([request], model: planted.model, workers: planted.workers).finish()[0]
        let shown = text.stopReason == .endToken ? text.ids.dropLast() : text.ids[...]
        return try planted.tokenizer.decode(Array(shown), continuing: true)
    }

    /// With labelled sentences alone, the words that tell them apart are found and the planted head still comes first.
    func testDerivedContrastsFindThePlantedHead() throws {
        let planted = try PlantedModel()
        let set = try ContrastSet(
            .labelled(planted.examples), tokenizer: planted.tokenizer, file: "mood.jsonl")
        XCTAssertEqual(set.source, .derived)
        XCTAssertFalse(set.items.isEmpty)
        let sweep = try HeadSweep(planted.model, items: set.items, workers: planted.workers)
        let effects = try sweep.effects(of: planted.directions(), strength: 8)
        XCTAssertEqual("\(effects[0].head)", "2.1")
    }
}
