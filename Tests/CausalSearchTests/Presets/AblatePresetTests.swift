import CausalSearch
import DataSets
import Foundation
import HeadSteerTesting
import Tasks
import Transformer
import XCTest
import _TestSupport

/// Directional ablation: no part of the stream has a component along the direction, and the behaviour goes.
final class AblatePresetTests: XCTestCase {
    private let neutral = Array(NeutralTexts.sentences.prefix(2))

    /// Cheerful and gloomy beginnings that end before a mood slot.
    private func contrasts(_ planted: PlantedModel) throws -> ContrastSet {
        let rows = [
            "the victory was for them and everyone felt", "the people danced and everyone felt",
            "My day at work was wonderful and everyone felt",
        ].map { ContrastPrompt(prompt: $0, positive: [" cheerful", " joyful"], negative: [" gloomy", " miserable"]) }
        return try ContrastSet(.contrast(rows), tokenizer: planted.tokenizer, file: "test")
    }

    private func plan(_ planted: PlantedModel, _ options: AblateOptions) throws -> PresetResult {
        try AblatePreset(
            PresetContext(planted.model, tokenizer: planted.tokenizer, workers: planted.workers), options: options
        ).plan(.labelled(planted.examples), contrasts: contrasts(planted), neutral: neutral, file: "mood.jsonl")
    }

    func testTheMoodIsTakenAwayAndNothingOfTheDirectionIsLeft() throws {
        let planted = try PlantedModel()
        let result = try plan(planted, AblateOptions(mostKL: 0.5))
        XCTAssertEqual(result.plan.edits.count, 18, "three edits in each of six layers")
        let chosen = try XCTUnwrap(result.trials.first(where: \.isChosen))
        XCTAssertEqual(
            result.trials.map(\.target),
            (0..<4).map { "residual-pre.\($0)" }.filter { name in
                result.trials.contains { $0.target == name }
            }, "the last fifth is left out")
        let edits = try result.edits(planted.model.configuration)

        // Every read of the stream, at every position of every prompt.
        let vector = try XCTUnwrap(result.directions[chosen.target]).vector.map(Double.init)
        let norm = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
        let run = Run(planted.model, workers: planted.workers)
        let items = try contrasts(planted).items
        for item in items {
            run.sequences = [planted.model.makeSequence(promptCount: item.prompt.count)]
            let sites = (0..<6).flatMap { [Site.residualPre($0), .residualMid($0), .residualPost($0)] }
            let step = Step(
                tokens: item.prompt, edits: edits, reads: sites.map { Read($0, at: .all) }, logits: nil)
            for (site, read) in zip(sites, try run.advance([step])[0].reads) {
                XCTAssertEqual(read.values.rows, item.prompt.count)
                for row in 0..<read.values.rows {
                    let stream = read.values.row(row).map(Double.init)
                    let component = zip(stream, vector).reduce(0) { $0 + $1.0 * $1.1 } / norm
                    let size = stream.reduce(0) { $0 + $1 * $1 }.squareRoot()
                    XCTAssertLessThan(abs(component), 2e-6 * (size + 1), "\(site) at \(row)")
                }
            }
        }

        // The cheerful contexts lose most of their mood.
        let scorer = try TeacherForcedScorer(
            planted.model, prompts: items.map(\.prompt), workers: planted.workers)
        func mean(_ edits: [Edit]) throws -> Double {
            zip(items, try scorer.lastLogits(edits: edits)).reduce(0) { sum, pair in
                sum + pair.0.difference(pair.0.tokens.map { pair.1[$0] })
            } / Double(items.count)
        }
        let (base, ablated) = (try mean([]), try mean(edits))
        XCTAssertGreaterThan(base, 1)
        XCTAssertLessThan(ablated, base / 2, "the mood stays")
        XCTAssertEqual(try XCTUnwrap(chosen.effect), ablated - base, accuracy: 1e-4)
        for words in ["difference between the means", "18 edits", "log-odds of a refusal", "Our own search"] {
            XCTAssertTrue(result.notes.contains { $0.contains(words) }, "no note says \(words): \(result.notes)")
        }
    }

    /// The direction by a plain loop: the mean of each label at the last token of the layer's input.
    func testTheDirectionByAPlainLoop() throws {
        let planted = try PlantedModel()
        let result = try plan(planted, AblateOptions(layer: 3, usesChatTemplate: false))
        // 24 groups of two rows: the first 20 are for the fit.
        let fit = planted.examples.prefix(40)
        var difference = [Double](repeating: 0, count: 64)
        let run = Run(planted.model, workers: planted.workers)
        for example in fit {
            let tokens = try example.tokens(planted.tokenizer)
            run.sequences = [planted.model.makeSequence(promptCount: tokens.count)]
            let step = Step(tokens: tokens, reads: [Read(.residualPre(3), at: .last)], logits: nil)
            let read = try run.advance([step])[0].reads[0].values.row(0)
            for (i, value) in read.enumerated() { difference[i] += (example.label ? 1 : -1) * Double(value) / 20 }
        }
        assertClose(
            try XCTUnwrap(result.directions["residual-pre.3"]).vector, difference.map { Float($0) }, relative: 1e-5,
            "the difference of means")
        XCTAssertTrue(result.notes.contains { $0.contains("without a chat template") })
        XCTAssertEqual(result.trials.count, 1)
    }

    /// A budget that nothing keeps is told, and the cheapest layer taken.
    func testABudgetThatNothingKeepsIsTold() throws {
        let planted = try PlantedModel()
        let result = try plan(planted, AblateOptions(mostKL: 0))
        XCTAssertTrue(result.notes.contains { $0.contains("No layer stays within the budget") }, "\(result.notes)")
        let chosen = try XCTUnwrap(result.trials.first(where: \.isChosen)?.kl)
        XCTAssertEqual(chosen, try XCTUnwrap(result.trials.compactMap(\.kl).min()))
    }

    func testOneLabelIsRefused() throws {
        let planted = try PlantedModel()
        XCTAssertThrowsError(
            try AblatePreset(PresetContext(planted.model, tokenizer: planted.tokenizer, workers: planted.workers))
                .plan(.labelled(planted.examples.filter(\.label)), file: "one.jsonl")
        ) { XCTAssertTrue("\($0)".contains("one.jsonl"), "\($0)") }
    }
}
