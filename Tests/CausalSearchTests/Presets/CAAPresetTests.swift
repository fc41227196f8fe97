import CausalSearch
import DataSets
import Foundation
import HeadSteerTesting
import Intervention
import Tasks
import Tokenization
import Transformer
import XCTest
import _TestSupport

/// CAA's rule: one vector of one layer's output, a mean of differences at the answers.
final class CAAPresetTests: XCTestCase {
    private func context(_ planted: PlantedModel) -> PresetContext {
        PresetContext(planted.model, tokenizer: planted.tokenizer, workers: planted.workers)
    }

    /// The vector of a given layer by a plain loop over single passes.
    func testTheVectorByAPlainLoop() throws {
        let planted = try PlantedModel()
        let result = try CAAPreset(context(planted), options: CAAOptions(layer: 3, multiplier: -2)).plan(
            .choice(PresetData.choices), file: "test")
        var sum = [Double](repeating: 0, count: 64)
        let run = Run(planted.model, workers: planted.workers)
        for row in PresetData.choices {
            for (answer, sign) in [(row.matching[0], 1.0), (row.notMatching[0], -1)] {
                let tokens = try planted.tokenizer.encode(
                    row.question + answer, specialTokens: .parsed, addBeginning: true)
                run.sequences = [planted.model.makeSequence(promptCount: tokens.count)]
                let step = Step(tokens: tokens, reads: [Read(.residualPost(3), at: .last)], logits: nil)
                let read = try run.advance([step])[0].reads[0].values.row(0)
                for (i, value) in read.enumerated() {
                    sum[i] += sign * Double(value) / Double(PresetData.choices.count)
                }
            }
        }
        let entry = try XCTUnwrap(result.directions["residual-post.3"])
        assertClose(entry.vector, sum.map { Float($0) }, relative: 1e-5, "the vector")
        XCTAssertEqual(
            result.plan.edits,
            [
                PlannedEdit(
                    .layer(3, .residualPost), .add, direction: .named("residual-post.3"), strength: -2, unit: .raw,
                    positions: .last)
            ])
        XCTAssertEqual(result.trials.count, 1)
        XCTAssertNotNil(result.trials[0].kl)
        for words in ["each answer's last token", "CAA#3", "norm is", "Our own search"] {
            XCTAssertTrue(result.notes.contains { $0.contains(words) }, "no note says \(words): \(result.notes)")
        }
    }

    /// With letters it is the letter that is read, not the bracket after it.
    func testLettersAreReadAtTheLetter() throws {
        let tokenizer = try Tokenizer(contentsOf: FixtureLocation.fetched(.smolLM2))
        let question = ChoiceQuestion(
            question: "Do you?\n\nChoices:\n (A) Yes\n (B) No", matching: ["(B)"], notMatching: ["(A)"])
        for (chat, before) in [(true, "⏎|(|"), (false, "No| (|")] {
            let texts = try CAAPreset.preparedTexts(
                [question], tokenizer: tokenizer, usesChatTemplate: chat, file: "test")
            XCTAssertEqual(texts.map(\.label), [true, false])
            for (text, letter) in zip(texts, ["B", "A"]) {
                let shown = try text.marked(tokenizer)
                XCTAssertTrue(shown.hasSuffix("\(before)⟦\(letter)⟧|)"), shown)
            }
        }
    }

    func testTheLayerOfTheLargestEffectIsFoundAndMovesTheMood() throws {
        let planted = try PlantedModel()
        let result = try CAAPreset(context(planted), options: CAAOptions(validationQuestions: 4)).plan(
            .choice(PresetData.choices), file: "test")
        XCTAssertEqual(result.trials.prefix(6).map(\.target), (0..<6).map { "residual-post.\($0)" })
        let scores = result.trials.prefix(6).map { (($0.effect ?? 0) - ($0.oppositeEffect ?? 0)) / 2 }
        let best = try XCTUnwrap(scores.indices.max { scores[$0] < scores[$1] })
        XCTAssertEqual(result.plan.edits.map(\.target.layer), [best], "\(scores)")
        XCTAssertEqual(
            result.trials.indices.filter { result.trials[$0].isChosen }, [best, 6], "the layer, and the plan")
        XCTAssertTrue(result.notes.contains { $0.contains("4 questions that the vector wasn't fitted on") })
        // The effect that the sweep tells is the plan's, measured anew on the planted contrasts.
        let scorer = try TeacherForcedScorer(
            planted.model, prompts: planted.contrasts.items.map(\.prompt), workers: planted.workers)
        func differences(_ edits: [Edit]) throws -> [Double] {
            zip(planted.contrasts.items, try scorer.lastLogits(edits: edits)).map { item, logits in
                item.difference(item.tokens.map { logits[$0] })
            }
        }
        let base = try differences([])
        let moved = try differences(result.edits(planted.model.configuration))
        let gains = zip(moved, base).map { $0 - $1 }
        XCTAssertTrue(gains.allSatisfy { $0 > 0.5 }, "\(gains)")
    }

    func testOtherDataAndLayersAreRefused() throws {
        let planted = try PlantedModel()
        XCTAssertThrowsError(
            try CAAPreset(context(planted)).plan(.labelled(planted.examples), file: "mood.jsonl")
        ) { XCTAssertTrue("\($0)".contains("mood.jsonl"), "\($0)") }
        XCTAssertThrowsError(
            try CAAPreset(context(planted), options: CAAOptions(layer: 6)).plan(
                .choice(PresetData.choices), file: "test")
        ) { XCTAssertTrue("\($0)".contains("0 to 5"), "\($0)") }
    }
}
