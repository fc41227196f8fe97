import Foundation
import HeadSteer
import XCTest
import _TestSupport

/// The code of the article "Attribute heads", compiled and run as it stands there.
final class AttributeHeadsArticle: XCTestCase {
    func testItRuns() throws {
        var shown: [String] = []
        func print(_ text: String) { shown.append(text) }
        let model = try TextModel(contentsOf: Planted.model)
        let (textsURL, contrastsURL, neutral) = (Planted.texts, Planted.contrasts, Planted.neutral)
        let mostKL = 30.0
        let folder = try makeTemporaryFolder()
        // Article begins
        let examples = try DataSet(contentsOf: textsURL).labelledExamples
        let rows = try DataSet(contentsOf: contrastsURL)
        let contrasts = try ContrastSet(rows, tokenizer: model.tokenizer, file: "contrasts")
        let directions = try model.z(of: examples.map(\.text)).directions(labels: examples.map(\.label))
        let attribution = SteeringAttribution(model.model, items: contrasts.items, workers: model.workers)
        let edits = directions.map { $0.headEdit(sigmas: 2) }
        let estimated = try attribution.effects(of: edits)
        for head in estimated.prefix(4) { print("\(head.head): \(head.effect)") }
        // Article pauses
        // Article goes on
        let sweep = try HeadSweep(model.model, items: contrasts.items, workers: model.workers)
        let agreement = try EffectAgreement(estimated: estimated, measured: sweep.effects(of: edits))
        print("Pearson \(agreement.pearson ?? .nan), of the true ten \(agreement.topRecall)")
        // Article pauses
        // Article goes on
        let halves = rows.split()
        let options = SearchOptions(heads: 2, method: .attribution, budget: SideEffectBudget(mostKL: mostKL))
        let found = try model.findHeads(options, examples: examples, contrasts: halves.first, neutral: neutral)
        let fingerprint = try model.model.fingerprint(workers: model.workers)
        try found.write(to: folder, model: ModelReference(model.configuration, fingerprint: fingerprint))
        let plan = try LoadedPlan(
            contentsOf: folder.appending(path: "plan.json"), model: model.model, workers: model.workers)
        let verified = try PlanVerifier(model.model, workers: model.workers).verify(plan)
        print("\(found.heads.map(\.name)) at \(found.strength) σ, verified: \(verified.holds)")
        // Article pauses
        // Article goes on
        let run = GradientRun(model.model, workers: model.workers)
        let prompt = contrasts.items[0].prompt
        let answer = contrasts.items[0].positive
        let text = GradientText(
            prompt: prompt, completion: answer, objective: .logProbability(ofCompletion: answer),
            reads: [Read(.z(4), at: .all), Read(.residualPost(1), at: .last)])
        let result = try run.gradients(of: [text])[0]
        print("\(result.objective), gradients at \(result[.z(4)]?.positions.count ?? 0) positions")
        // Article ends
        XCTAssertEqual(shown.count, 7, "\(shown)")
        XCTAssertEqual(Set(found.heads.map(\.name)), ["2.1", "4.2"])
        XCTAssertTrue(verified.holds, "\(verified.failed)")
        XCTAssertEqual(Set(estimated.prefix(2).map { "\($0.head)" }), ["2.1", "4.2"])
        XCTAssertGreaterThan(agreement.pearson ?? 0, 0.98)
        XCTAssertLessThan(result.objective, 0)
    }

    func testTheArticleShowsIt() throws { try assertArticle("AttributeHeads") }
}
