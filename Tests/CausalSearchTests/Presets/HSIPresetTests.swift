import CausalSearch
import DataSets
import Directions
import Foundation
import HeadSteerTesting
import Tokenization
import Transformer
import XCTest
import _TestSupport

/// HSI's rule: which rows, which position, which σ, and heads found by what texts say.
final class HSIPresetTests: XCTestCase {
    // MARK: Rows

    /// 5 questions with 4 + 4 completions: 3 + 3 of the first three are taken, in the data's order.
    func testEighteenRowsAreThreeOfEitherSideOfThreeQuestions() throws {
        var rows: [LabelledExample] = []
        for completion in 0..<8 {
            for question in [304, 294, 307, 100, 200] {
                let label = completion % 2 == 0
                rows.append(
                    LabelledExample(
                        prompt: "Question \(question)?",
                        completion: "Because \(completion). Answer: (\(label ? "A" : "B"))",
                        label: label, group: "q\(question)"))
            }
        }
        let split = HSISplit(try HSIQuestion.questions(.labelled(rows), file: "test"), rows: 18, perSide: 3)
        XCTAssertEqual(split.training.map(\.group), ["q304", "q294", "q307"])
        XCTAssertEqual(split.validation.map(\.group), ["q100", "q200"])
        XCTAssertEqual(split.rows, 18)
        XCTAssertEqual(
            split.training[1].matching, [0, 2, 4].map { "Because \($0). Answer: (A)" }, "the first three, in order")
        XCTAssertEqual(split.training[1].notMatching, [1, 3, 5].map { "Because \($0). Answer: (B)" })
        XCTAssertEqual(split.training[0].letters, ["A", "B"])
        XCTAssertEqual(split.training[0].parser.outcome("I say (a)."), .target)
        XCTAssertEqual(split.training[0].parser.outcome("(A) or (B)"), .undefined)
        XCTAssertEqual(split.training[0].parser.outcome("neither"), .undefined)
        XCTAssertEqual(split.training[0].parser.outcome("(b)"), .other)
    }

    /// Questions with one completion of either side: more of them make up the rows; an odd rest stays unused.
    func testFewCompletionsTakeMoreQuestions() throws {
        let questions = (0..<12).map {
            ChoiceQuestion(question: "Q\($0)?", matching: [" (B)"], notMatching: [" (A)", " (C)"])
        }
        let all = try HSIQuestion.questions(.choice(questions), file: "test")
        XCTAssertEqual(HSISplit(all, rows: 18, perSide: 3).training.map(\.prompt), (0..<9).map { "Q\($0)?" })
        XCTAssertEqual(HSISplit(all, rows: 7, perSide: 3).rows, 6)
        XCTAssertEqual(all[0].matchingLetter, "B")
        XCTAssertEqual(all[0].letters, ["A", "B", "C"])
    }

    func testRowsThatDontTellTheAnswerAreRefused() throws {
        func rows(_ first: String, _ second: String) -> DataSet {
            .labelled([
                LabelledExample(prompt: "Q", completion: first, label: true, group: "q", line: 1),
                LabelledExample(prompt: "Q", completion: second, label: false, group: "q", line: 2),
            ])
        }
        XCTAssertNoThrow(try HSIQuestion.questions(rows("(A)", "(B)"), file: "f"))
        for (first, second) in [("(A)", "(A)"), ("(A) not (B)", "(B)"), ("yes", "no")] {
            XCTAssertThrowsError(try HSIQuestion.questions(rows(first, second), file: "f.jsonl"), first) { error in
                XCTAssertTrue("\(error)".contains("f.jsonl: line 1"), "\(error)")
            }
        }
        let planted = try PlantedModel()
        let one = ChoiceQuestion(question: "Q", matching: ["yes"], notMatching: [])
        XCTAssertThrowsError(
            try HSIPreset(PresetContext(planted.model, tokenizer: planted.tokenizer, workers: planted.workers))
                .plan(.choice([one]), file: "f.jsonl"), "no question has both sides")
    }

    // MARK: Position

    /// ChatML ends a message with `<|im_end|>` and a line end: the former is read.
    func testSmolLM2IsReadAtTheEndOfSequenceTokenAndNotAtTheLineEnd() throws {
        let tokenizer = try Tokenizer(contentsOf: FixtureLocation.fetched(.smolLM2))
        let question = try HSIQuestion.questions(
            .choice([
                ChoiceQuestion(
                    question: "Do you?\n\nChoices:\n (A) Yes\n (B) No", matching: [" (A)"], notMatching: [" (B)"])
            ]), file: "test")[0]
        let texts = try HSIPreset.preparedTexts(question, tokenizer: tokenizer, file: "test")
        XCTAssertEqual(texts.map(\.label), [true, false])
        for (text, letter) in zip(texts, ["A", "B"]) {
            let shown = try text.marked(tokenizer)
            XCTAssertTrue(shown.hasSuffix("(|\(letter)|)|⟦<|im_end|>⟧|⏎"), shown)
            XCTAssertTrue(shown.contains(#"Answer|:| (|A|)| /| (|B|)"#), shown)
        }
    }

    // MARK: The planted model

    private func smallOptions(seed: UInt64 = 0) -> HSIOptions {
        HSIOptions(
            rows: 12, sweepStrengths: [30], sweepSamples: 4, candidates: 3, retestSamples: 8, heads: 2,
            strengths: [4, 12], validationSamples: 6, maxTokens: 3, seed: seed)
    }

    func testThePlantedHeadsAreFound() throws {
        let planted = try PlantedModel()
        let context = PresetContext(planted.model, tokenizer: planted.tokenizer, workers: planted.workers)
        let result = try HSIPreset(context, options: smallOptions()).plan(.contrast(PresetData.contrasts), file: "test")
        XCTAssertEqual(Set(result.plan.edits.map(\.target.description)), ["2.1", "4.2"], "\(result.trials.prefix(30))")
        for edit in result.plan.edits {
            XCTAssertEqual(edit.operation, .add)
            XCTAssertEqual(edit.unit, .sigma)
            XCTAssertEqual(edit.positions, .last)
        }
        let sweep = result.trials.filter { $0.stage == "sweep" }
        // Some of the noise heads see no difference at all between the two words of a pair.
        let moved = result.directions.names.filter { result.directions[$0]?.vector.contains { $0 != 0 } == true }
        XCTAssertEqual(sweep.map(\.target), [""] + moved, "the unedited model and the heads with a direction")
        XCTAssertGreaterThan(moved.count, 5)
        XCTAssertTrue(sweep.allSatisfy { $0.outcomes?.total == 4 }, "\(sweep)")
        XCTAssertEqual(result.trials.count { $0.stage == "strength" && $0.isChosen }, 1)
        XCTAssertEqual(result.trials.filter { $0.stage == "retest" && $0.isChosen }.count, 2)
        for words in ["12 rows of", "last token", "600 tokens", "Our own search", "bfloat16"] {
            XCTAssertTrue(result.notes.contains { $0.contains(words) }, "no note says \(words): \(result.notes)")
        }
        XCTAssertEqual(result.seconds.count, 5)
        XCTAssertNotNil(result.trials.last?.kl)
        // The same seed gives the same texts.
        let again = try HSIPreset(context, options: smallOptions()).plan(.contrast(PresetData.contrasts), file: "test")
        XCTAssertEqual(again.trials, result.trials)
    }

    /// θ and σ of a head by plain loops: pooled means, and the population standard deviation of all rows' projections.
    func testDirectionsAndSpreadByPlainLoops() throws {
        let planted = try PlantedModel()
        let context = PresetContext(planted.model, tokenizer: planted.tokenizer, workers: planted.workers)
        var options = smallOptions()
        (options.sweepSamples, options.retestSamples, options.validationSamples, options.maxTokens) = (1, 1, 1, 1)
        let result = try HSIPreset(context, options: options).plan(.contrast(PresetData.contrasts), file: "test")
        // 12 rows: 3 + 3 of the first two prompts. The template puts a space between question and answer.
        let texts = PresetData.contrasts.prefix(2).flatMap { row in
            (row.positive.prefix(3) + row.negative.prefix(3)).map { row.prompt + $0 }
        }
        let tokens = try texts.map {
            try planted.tokenizer.encode($0, specialTokens: .parsed, addBeginning: true)
        }
        let table = try HeadCollection(tokens, model: planted.model, workers: planted.workers).table
        let labels = (0..<12).map { $0 % 6 < 3 }
        let others = (0..<24).map { ($0 / 4, $0 % 4) }.filter { place in
            result.directions["\(place.0).\(place.1)"]?.vector.contains { $0 != 0 } == true
        }
        for (layer, head) in [(2, 1), (4, 2)] + others.prefix(2) {
            let z = table[Head(layer: layer, index: head)].values.map(Double.init)
            let theta = (0..<16).map { i in
                (0..<12).reduce(0.0) { $0 + (labels[$1] ? 1 : -1) * z[$1 * 16 + i] / 6 }
            }
            let norm = theta.reduce(0) { $0 + $1 * $1 }.squareRoot()
            let projections = (0..<12).map { row in (0..<16).reduce(0.0) { $0 + z[row * 16 + $1] * theta[$1] / norm } }
            let mean = projections.reduce(0, +) / 12
            let sigma = (projections.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 12).squareRoot()
            let entry = try XCTUnwrap(result.directions["\(layer).\(head)"])
            assertClose(entry.vector, theta.map { Float($0) }, relative: 1e-4, "θ of \(layer).\(head)")
            XCTAssertEqual(Double(try XCTUnwrap(entry.sigma)), sigma, accuracy: 1e-4 * sigma, "σ of \(layer).\(head)")
        }
    }

    func testCancellation() throws {
        let planted = try PlantedModel()
        var context = PresetContext(planted.model, tokenizer: planted.tokenizer, workers: planted.workers)
        context.isCancelled = { true }
        XCTAssertThrowsError(
            try HSIPreset(context, options: smallOptions()).plan(.contrast(PresetData.contrasts), file: "test")
        ) { XCTAssertTrue($0 is CancellationError, "\($0)") }
    }
}
