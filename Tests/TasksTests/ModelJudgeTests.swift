import DataFiles
import DataSets
import Foundation
import HeadSteerTesting
import Statistics
import Tasks
import XCTest
import _TestSupport

/// The judge that asks a model, and the check of judges, against NumPy, scipy and scikit-learn
/// (`Fixtures/evaluation/model_judge.py`).
final class ModelJudgeTests: XCTestCase {
    private func reference() throws -> JSONObject {
        try JSONObject(contentsOf: FixtureLocation.fixtures.appending(path: "evaluation/model-judge.json"))
    }

    private func judge(_ planted: PlantedModel, _ reference: JSONObject) throws -> ModelJudge {
        ModelJudge(
            asking: planted.model, tokenizer: planted.tokenizer,
            JudgeQuestion(
                try XCTUnwrap(reference.string("question")), affirmative: try XCTUnwrap(reference.string("for")),
                negative: try XCTUnwrap(reference.string("against"))), workers: planted.workers)
    }

    func testLogOddsInBothOrders() throws {
        let reference = try reference()
        let judge = try judge(PlantedModel(), reference)
        let asked = try XCTUnwrap(reference.objects("asked"))
        let texts = try asked.map {
            JudgedText(prompt: try XCTUnwrap($0.string("prompt")), text: try XCTUnwrap($0.string("text")))
        }
        let odds = try judge.logOdds(texts)
        let judgements = try judge.judgements(texts)
        XCTAssertEqual(try judge.scores(texts), judgements.map(\.score))
        for (index, row) in asked.enumerated() {
            let expected = try XCTUnwrap(row.doubles("logOdds"))
            for order in 0..<2 {
                XCTAssertEqual(odds[index][order], expected[order], accuracy: 2e-5, "text \(index), order \(order)")
                XCTAssertEqual(
                    judgements[index].orders[order], 5 / (1 + exp(-odds[index][order])), accuracy: 1e-12)
            }
            XCTAssertEqual(judgements[index].score, try XCTUnwrap(row.double("score")), accuracy: 2e-5)
        }
        // A model that prefers a letter says the opposite once the letters are exchanged: both orders together say nothing.
        XCTAssertLessThan(odds[0][1] * odds[0][0], 0)
        XCTAssertEqual(try judge.scores([]), [])
    }

    /// Special tokens in a text can't end its own quotation, and white space around it doesn't count.
    func testTextsAreQuoted() throws {
        let planted = try PlantedModel()
        let judge = try judge(planted, reference())
        let end = try XCTUnwrap(planted.tokenizer.specialTokens.first { $0.attribute == .control }).text
        let scores = try judge.logOdds([
            JudgedText(prompt: "", text: "I feel calm"), JudgedText(prompt: "", text: "  I feel calm\(end) "),
        ])
        XCTAssertEqual(scores[0], scores[1], end)
    }

    /// Texts of several conditions after the same prompts are judged as each by itself, for less work.
    func testSeveralConditionsAtOnce() throws {
        let planted = try PlantedModel()
        let judge = try judge(planted, reference())
        let file = PlantedModel.folder.appending(path: "mood-contrast.jsonl")
        let task = try AnswerTask(DataSet(contentsOf: file), tokenizer: planted.tokenizer, file: "mood").evenly(3)
        func ids(_ texts: [String]) throws -> [[Int]] {
            try texts.map { try planted.tokenizer.encode($0, specialTokens: .parsed) }
        }
        let sets = try [
            ids([" calm", " wonderful and we were happy", " sad"]), ids([" dreadful", " gloomy", " sad"]),
        ]
        func work<Result>(_ body: () throws -> Result) rethrows -> (Result, Int) {
            let before = planted.workers.multiplications
            return (try body(), planted.workers.multiplications - before)
        }
        let judges: [any TextJudge] = [judge, KeywordJudge(for: ["happy"], against: ["sad"])]
        let (apart, alone) = try work {
            try sets.map {
                try WrittenTexts($0, after: task, tokenizer: planted.tokenizer, judges: judges, seed: 3)
            }
        }
        let (all, together) = try work {
            try WrittenTexts.all(sets, after: task, tokenizer: planted.tokenizer, judges: judges, seed: 3)
        }
        XCTAssertEqual(all, apart)
        XCTAssertEqual(all[0].scores.keys.sorted(), ["keywords", "model"])
        XCTAssertNotEqual(all[0].scores["model"], all[1].scores["model"])
        XCTAssertLessThan(Double(together), 0.8 * Double(alone))
    }

    func testTheCheckOfAJudge() throws {
        let expected = try XCTUnwrap(try reference().object("check"))
        let words = try XCTUnwrap(expected.doubles("words")).map { Int($0) }
        let labels = try JSONDecoder().decode(
            Check.self,
            from: Data(contentsOf: FixtureLocation.fixtures.appending(path: "evaluation/model-judge.json"))
        ).check.labels
        let scores = try XCTUnwrap(expected.doubles("scores"))
        let texts = words.indices.map { index in
            LabelledText(
                JudgedText(prompt: "", text: Array(repeating: "so", count: words[index]).joined(separator: " ")),
                label: labels[index], group: "\(index)")
        }
        let check = try JudgeCheck(ClosureJudge("long") { _ in scores }, on: texts)
        func value(_ name: String) throws -> Double { try XCTUnwrap(expected.double(name), name) }
        XCTAssertEqual(check.auroc.area, try value("auroc"), accuracy: 1e-12)
        XCTAssertEqual(check.lengthAUROC.area, try value("lengthAUROC"), accuracy: 1e-12)
        XCTAssertEqual(try XCTUnwrap(check.lengthCorrelation), try value("lengthCorrelation"), accuracy: 1e-12)
        XCTAssertEqual(check.aurocAtEqualLength.area, try value("aurocAtEqualLength"), accuracy: 1e-12)
        XCTAssertEqual(
            try XCTUnwrap(rankCorrelation(scores, words.map(Double.init))), try value("spearman"), accuracy: 1e-12)
        // What this judge sees is mostly length.
        XCTAssertLessThan(check.aurocAtEqualLength.area, check.auroc.area - 0.02)
        XCTAssertEqual([check.withLabel, check.withoutLabel], [20, 20])
        XCTAssertTrue(check.orders.isEmpty)
        XCTAssertLessThan(check.auroc.ciLow, check.auroc.area)

        let judgements = scores.map { Judgement(score: $0, orders: [$0, 5 - $0]) }
        let ordered = try JudgeCheck("both", judgements, of: texts)
        XCTAssertEqual(ordered.orders.map(\.area)[0], check.auroc.area)
        XCTAssertEqual(ordered.orders.map(\.area)[1], 1 - check.auroc.area, accuracy: 1e-12)

        XCTAssertThrowsError(try JudgeCheck(ClosureJudge("long") { $0.map { _ in 1 } }, on: texts.filter(\.label))) {
            XCTAssertTrue("\($0)".contains("one class"), "\($0)")
        }
    }

    private struct Check: Decodable {
        struct Labels: Decodable {
            var labels: [Bool]
        }
        var check: Labels
    }

    func testLabelledTextsAreTakenEvenlyFromBothClasses() throws {
        let planted = try PlantedModel()
        let examples = try PlantedModel.examples("mood.jsonl")
        let texts = try LabelledText.texts(of: examples, tokenizer: planted.tokenizer, count: 10)
        XCTAssertEqual(texts.count, 10)
        XCTAssertEqual(texts.count { $0.label }, 5)
        XCTAssertTrue(texts.allSatisfy { !$0.text.tokens.isEmpty })
        XCTAssertEqual(
            try LabelledText.texts(of: examples, tokenizer: planted.tokenizer).count, examples.count)
    }
}
