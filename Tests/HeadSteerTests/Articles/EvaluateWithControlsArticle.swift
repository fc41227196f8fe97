import Foundation
import HeadSteer
import XCTest
import _TestSupport

/// The code of the article "Evaluate with controls", compiled and run as it stands there.
final class EvaluateWithControlsArticle: XCTestCase {
    func testItRuns() throws {
        var shown: [String] = []
        func print(_ text: String) { shown.append(text) }
        let model = try TextModel(contentsOf: Planted.model)
        let (textsURL, contrastsURL, neutral) = (Planted.texts, Planted.contrasts, Planted.neutral)
        // Article begins
        let examples = try DataSet(contentsOf: textsURL).labelledExamples
        let halves = try DataSet(contentsOf: contrastsURL).split()
        let found = try model.findHeads(
            .quick(heads: 2), examples: examples, contrasts: halves.first, neutral: neutral)
        // Article pauses
        // Article goes on
        let preparation = try TextPreparation(model.tokenizer)
        let texts = try examples.map { try preparation.prepare($0) }
        let input = EvaluationInput(
            items: try JudgedItems(halves.second, tokenizer: model.tokenizer, file: "the second half"),
            source: .contrast,
            neutral: neutral,
            training: try TrainingActivations(texts, model: model.model, workers: model.workers))
        let evaluation = PlanEvaluation(model.model, tokenizer: model.tokenizer, workers: model.workers)
        let (report, _) = try evaluation.evaluate(found.loadedPlan(), input: input)
        // Article pauses
        // Article goes on
        let change = report.change
        print("\(change.mean), \(change.ciLow ?? .nan) to \(change.ciHigh ?? .nan), p \(report.paired.signFlip.p)")
        for (kind, control) in report.controls.sorted(by: { $0.key < $1.key }) {
            print("\(kind): \(control.mean), at most \(control.largest), p \(control.p ?? .nan)")
        }
        let costs = report.sideEffects.neutral
        print("KL on neutral text \(costs.kl.mean); the same likeliest token at \(costs.top1Agreement.mean)")
        // Article ends
        XCTAssertGreaterThan(try XCTUnwrap(report.change.ciLow), 0, "\(report.change)")
        XCTAssertEqual(
            Set(report.controls.keys), ["randomDirections", "randomHeads", "shuffledLabels", "layers"])
        for kind in ["randomDirections", "randomHeads", "shuffledLabels"] {
            let control = try XCTUnwrap(report.controls[kind])
            XCTAssertLessThan(abs(control.mean), report.change.mean / 2, "\(kind): \(control)")
        }
        XCTAssertEqual(shown.count, 6, "\(shown)")
    }

    func testTheArticleShowsIt() throws { try assertArticle("EvaluateWithControls") }
}
