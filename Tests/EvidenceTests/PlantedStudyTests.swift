import Documents
import Evidence
import Foundation
import HeadSteerTesting
import Tasks
import Transformer
import XCTest
import _TestSupport

/// A whole study on the planted model, made small: what is known to be there is found, and beats what is known to be nothing.
final class PlantedStudyTests: XCTestCase {
    func testPlantedStudy() throws {
        let planted = try PlantedModel()
        let own = PlantedModel.folder
        var plan = try StudyPlan(contentsOf: own.appending(path: "study.json"))
        plan.texts = 2
        plan.textTokens = 6
        plan.exampleCounts = [4]
        var stages: [String] = []
        let outcome = try Study(plan, model: planted.model, tokenizer: planted.tokenizer, workers: planted.workers)
            .run(folder: own, own: own) { stages.append($0) }
        let report = outcome.report
        XCTAssertEqual(Set(report.heads.map(\.head.description)), ["2.1", "4.2"])
        XCTAssertEqual(report.calledHeads, 2)
        XCTAssertGreaterThan(report.evaluation.change.ciLow ?? .nan, 5)
        XCTAssertEqual(report.evaluation.paired.movedWrongWay.share, 0)
        for name in ["randomDirections", "randomHeads", "shuffledLabels"] {
            let control = try XCTUnwrap(report.evaluation.controls[name], name)
            XCTAssertEqual(control.changes.count, 10, name)
            XCTAssertLessThan(control.largest, report.evaluation.change.mean, name)
        }
        XCTAssertNil(report.evaluation.controls["layers"]?.p)
        // The probes rank the planted heads first too, so that comparison is a tie at the same cost.
        let probed = try XCTUnwrap(report.comparisons.first { $0.question == .probeRanked })
        XCTAssertEqual(Set(probed.name.split(separator: ", ")), ["2.1", "4.2"])
        let cost = report.evaluation.sideEffects.neutral.kl.mean
        for comparison in report.comparisons {
            XCTAssertEqual(comparison.neutralKL, cost, accuracy: 0.031 * cost, comparison.name)
        }
        XCTAssertEqual(report.comparisons.count { $0.question == .examples }, Study.draws)
        let opposite = try XCTUnwrap(report.doses.points.first { $0.factor == -1 })
        XCTAssertLessThan(opposite.change.change.mean, -5)
        let still = try XCTUnwrap(report.doses.points.first { $0.factor == 0 })
        XCTAssertEqual(still.change.change.mean, 0)
        XCTAssertEqual(still.neutral.kl.mean, 0)
        XCTAssertEqual(stages.count, 4)

        let document = EvidenceDocument([report], model: "planted.gguf", precision: "exact").document
        let markdown = document.markdown()
        for text in ["planted", "2.1", "4.2", "random directions", "At equal cost".lowercased()] {
            XCTAssertTrue(markdown.contains(text), "the document lacks \(text)")
        }
    }

    func testEqualCostFindsTheFactor() throws {
        let planted = try PlantedModel()
        let neutral = try NeutralText(
            planted.model, texts: ["My day at work was", "our trip was"], tokenizer: planted.tokenizer,
            workers: planted.workers)
        let cost = EqualCost(neutral)
        let direction = try XCTUnwrap(planted.directions().first { $0.name == "2.1" })
        func edits(_ factor: Double) -> [Edit] { [direction.edit(sigmas: factor)] }
        let target = try cost.cost(edits(3))
        for start in [0.1, 1, 40] {
            let found = try XCTUnwrap(cost.factor(costing: target, from: start, edits), "from \(start)")
            XCTAssertEqual(found.cost, target, accuracy: EqualCost.tolerance * target)
            XCTAssertEqual(found.cost, try cost.cost(edits(found.factor)), accuracy: 1e-12)
        }
        XCTAssertNil(try cost.factor(costing: 1) { _ in [] }, "edits that cost nothing")
    }
}
