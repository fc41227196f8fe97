import DataSets
import Directions
import Evaluation
import HeadSteerTesting
import Intervention
import Tasks
import Transformer
import XCTest
import _TestSupport

/// Evaluation of plans on the planted model, and its measures.
final class EvaluationTests: XCTestCase {
    private func evaluate(_ edits: [PlannedEdit]) throws -> EvaluationReport {
        let planted = try PlantedModel()
        let collection = try planted.collect(planted.examples)
        let directions = DirectionFile(
            try collection.table.directions(labels: planted.examples.map(\.label)),
            residualNorms: collection.residualNorms)
        let preparation = try TextPreparation(planted.tokenizer)
        let data = try DataSet(contentsOf: PlantedModel.folder.appending(path: "mood-contrast.jsonl"))
        let input = EvaluationInput(
            items: .contrast(planted.contrasts.items), source: planted.contrasts.source,
            answers: try AnswerTask(data, tokenizer: planted.tokenizer, file: "mood-contrast.jsonl"),
            judges: [KeywordJudge(for: ["happy", "glad"], against: ["sad", "unhappy"])],
            neutral: ["My day at work was", "The talk with my sister left me"],
            training: try TrainingActivations(
                planted.examples.map { try preparation.prepare($0) }, model: planted.model, workers: planted.workers),
            prompted: try PromptedItems(
                "My day was happy .", data: data, tokenizer: planted.tokenizer, choices: ChoiceTaskOptions(),
                withAnswers: true, file: "mood-contrast.jsonl"))
        return try PlanEvaluation(planted.model, tokenizer: planted.tokenizer, workers: planted.workers)
            .evaluate(LoadedPlan(InterventionPlan(edits: edits), directions: directions), input: input).report
    }

    func testThePlantedHeadBeatsItsControls() throws {
        let report = try evaluate([
            PlannedEdit(
                Head(layer: 2, index: 1), .add, direction: .named("2.1"), strength: 8, unit: .sigma, positions: .last)
        ])
        XCTAssertEqual(report.items, 12)
        // NumPy's mean effect of head 2.1, see ground-truth.json.
        XCTAssertEqual(report.change.mean, 27.95, accuracy: 0.01)
        XCTAssertEqual(report.steered.accuracy, 1)
        XCTAssertEqual(report.movedTheOtherWay, 0)
        XCTAssertEqual(
            report.steered.logitDifference.mean - report.base.logitDifference.mean, report.change.mean, accuracy: 1e-9)
        XCTAssertGreaterThan(report.sideEffects.kl.mean, 0.5)
        let heads = try XCTUnwrap(report.controls["randomHeads"])
        XCTAssertEqual(heads.changes.count, PlanEvaluation.repetitions)
        let directions = try XCTUnwrap(report.controls["randomDirections"])
        XCTAssertEqual(directions.changes.count, PlanEvaluation.repetitions)
        XCTAssertLessThan(directions.largest, report.change.mean)
        XCTAssertEqual(try XCTUnwrap(directions.p), 1.0 / 11, accuracy: 1e-12)
    }

    func testAnEditOfNoiseDoesNothing() throws {
        let report = try evaluate([
            PlannedEdit(
                Head(layer: 3, index: 3), .add, direction: .named("3.3"), strength: 8, unit: .sigma, positions: .last)
        ])
        XCTAssertLessThan(abs(report.change.mean), 0.1)
        XCTAssertEqual(report.sideEffects.baseDistinct2, report.sideEffects.steeredDistinct2)
    }

    func testAnEmptyPlanChangesNothingToTheBit() throws {
        let report = try evaluate([])
        XCTAssertEqual(report.base, report.steered)
        XCTAssertEqual(report.change.mean, 0)
        XCTAssertEqual(report.sideEffects.kl.mean, 0)
        XCTAssertTrue(report.controls.isEmpty)
    }

    func testDistinct() {
        XCTAssertEqual(TextMeasures.distinct(2, [1, 2, 1, 2, 1]), 0.5)
        XCTAssertEqual(TextMeasures.distinct(1, [3, 3, 3, 4]), 0.5)
        XCTAssertEqual(TextMeasures.distinct(2, [7]), 1)
    }
}
