import DataFiles
import DataSets
import Directions
import Evaluation
import Foundation
import HeadSteerTesting
import Intervention
import Tasks
import Transformer
import XCTest
import _TestSupport

/// An evaluation that was killed at any moment goes on, measures nothing twice and finds the same to the bit.
final class EvaluationResumeTests: XCTestCase {
    private struct Findings: Encodable {
        var report: EvaluationReport
        var doses: DoseResponse
    }

    /// Everything that can be measured, little of each.
    private struct Fixture {
        let planted: PlantedModel
        let plan: LoadedPlan
        let input: EvaluationInput

        init() throws {
            planted = try PlantedModel()
            let preparation = try TextPreparation(planted.tokenizer)
            let training = try TrainingActivations(
                planted.examples.prefix(16).map { try preparation.prepare($0) }, model: planted.model,
                workers: planted.workers)
            let directions = DirectionFile(
                try training.z.directions(labels: training.rows.labels),
                residualNorms: training.collection.residualNorms)
            plan = LoadedPlan(
                InterventionPlan(edits: [
                    PlannedEdit(
                        Head(layer: 2, index: 1), .add, direction: .named("2.1"), strength: 8, unit: .sigma,
                        positions: .last)
                ]), directions: directions)
            let data = try DataSet(contentsOf: PlantedModel.folder.appending(path: "mood-contrast.jsonl"))
            let (tokenizer, file) = (planted.tokenizer, "mood-contrast.jsonl")
            input = EvaluationInput(
                items: .contrast(planted.contrasts.items), source: planted.contrasts.source,
                answers: try AnswerTask(data, tokenizer: tokenizer, file: file).evenly(2),
                judges: [KeywordJudge(for: ["happy", "glad"], against: ["sad", "unhappy"])],
                neutral: ["My day at work was"],
                unrelated: try ChoiceTask(
                    .choice(
                        [("our trip was", " lovely", " dreadful"), ("I feel", " glad", " sad")].map {
                            ChoiceQuestion(question: $0.0, matching: [$0.1], notMatching: [$0.2])
                        }), tokenizer: tokenizer, file: "choices"),
                training: training,
                prompted: try PromptedItems(
                    "My day was happy .", data: data, tokenizer: tokenizer, choices: ChoiceTaskOptions(),
                    withAnswers: false, file: file))
        }

        func run(_ parts: PartJournal = PartJournal()) -> EvaluationRun {
            var evaluation = PlanEvaluation(planted.model, tokenizer: planted.tokenizer, workers: planted.workers)
            evaluation.repetitions = 1
            evaluation.textTokens = 2
            return EvaluationRun(evaluation, of: plan, on: input, parts: parts)
        }

        func findings(_ parts: PartJournal = PartJournal()) throws -> Data {
            let run = run(parts)
            let encoder = JSONEncoder()
            encoder.outputFormatting = .sortedKeys
            return try encoder.encode(
                Findings(report: run.report().report, doses: run.doseResponse(factors: [-1, 1], randomDirections: 1)))
        }
    }

    func testAnEvaluationGoesOnAfterAKillAtAnyMoment() throws {
        let fixture = try Fixture()
        let straight = try fixture.findings()
        let url = try makeTemporaryFolder().appending(path: "parts.journal")
        let whole = try {
            let parts = try PartJournal(url, key: "key")
            XCTAssertEqual(try fixture.findings(parts), straight)
            return try Data(contentsOf: url)
        }()
        // Within the first line, within others, and within the last.
        for length in [10, whole.count / 2, whole.count - 1] {
            try whole.prefix(length).write(to: url)
            XCTAssertEqual(
                try fixture.findings(PartJournal(url, key: "key")), straight, "cut off after \(length) bytes")
            XCTAssertEqual(try Data(contentsOf: url).count, whole.count, "each part is there once")
        }
        let before = fixture.planted.workers.multiplications
        XCTAssertEqual(try fixture.findings(PartJournal(url, key: "key")), straight)
        XCTAssertEqual(fixture.planted.workers.multiplications, before, "what is known isn't computed")
    }

    /// What somebody changed in a journal, with a right checksum, and can't be of these items is measured anew.
    func testFindingsOfOtherItemsDoNotCount() throws {
        let fixture = try Fixture()
        let straight = try fixture.findings()
        let parts = PartJournal()
        try parts.add("items × 0.0", ItemScorer.Values(differences: [1], matches: [1], choice: nil))
        try parts.add("divergences", [0.5])
        let texts = try fixture.run().report().report.textsBase
        var changed = try XCTUnwrap(texts)
        changed.sides.removeLast()
        try parts.add("texts × 0.0", changed)
        XCTAssertEqual(try fixture.findings(parts), straight)
    }

    /// Nor do reports and doses, which states of longer work keep whole.
    func testReportsOfOtherTextsDoNotCount() throws {
        let run = try Fixture().run()
        let report = try run.report().report
        let doses = try run.doseResponse(factors: [-1], randomDirections: 0)
        XCTAssertTrue(run.fit(report))
        XCTAssertTrue(run.fit(doses, factors: [-1]))
        XCTAssertFalse(run.fit(doses), "other factors")
        let changes: [(String, (inout WrittenTexts?) -> Void)] = [
            ("a text less", { $0?.texts.removeLast() }), ("a side less", { $0?.sides.removeLast() }),
            ("a score less", { $0?.scores["keywords"]?.removeLast() }), ("another judge", { $0?.scores["other"] = [] }),
            ("no texts", { $0 = nil }),
        ]
        for (name, change) in changes {
            var (base, steered, dosed) = (report, report, doses)
            change(&base.textsBase)
            change(&steered.textsSteered)
            change(&dosed.points[0].texts)
            XCTAssertFalse(run.fit(base), name)
            XCTAssertFalse(run.fit(steered), name)
            XCTAssertFalse(run.fit(dosed, factors: [-1]), name)
        }
        var stronger = doses
        stronger.strength = 1e308
        XCTAssertFalse(run.fit(stronger, factors: [-1]))
    }

    /// Of the dose 1 nothing is new, and of the dose 0 what neutral texts say.
    func testDosesTakeWhatTheReportHasMeasured() throws {
        let fixture = try Fixture()
        let workers = fixture.planted.workers
        func cost(_ body: () throws -> Void) rethrows -> Int {
            let before = workers.multiplications
            try body()
            return workers.multiplications - before
        }
        let run = fixture.run()
        let report = try run.report().report
        var doses: DoseResponse?
        let taken = try cost { doses = try run.doseResponse(factors: [1], randomDirections: 0) }
        let neutral = try NeutralText(
            fixture.planted.model, texts: fixture.input.neutral, tokenizer: fixture.planted.tokenizer,
            workers: workers)
        XCTAssertEqual(taken, try cost { _ = try neutral.measure(edits: []) })
        let points = try XCTUnwrap(doses).points
        XCTAssertEqual(points.map(\.scores), [report.base, report.steered])
        XCTAssertEqual(points.map(\.texts), [report.textsBase, report.textsSteered])
    }
}
