import Foundation
import HeadSteer
import XCTest
import _TestSupport

/// The code of the article "Find causal heads", compiled and run as it stands there.
final class FindCausalHeadsArticle: XCTestCase {
    func testItRuns() throws {
        var shown: [String] = []
        func print(_ text: String) { shown.append(text) }
        let model = try TextModel(contentsOf: Planted.model)
        let (textsURL, contrastsURL, neutral) = (Planted.texts, Planted.contrasts, Planted.neutral)
        let mostKL = 30.0
        let folder = try makeTemporaryFolder()
        // Article begins
        let examples = try DataSet(contentsOf: textsURL).labelledExamples
        let halves = try DataSet(contentsOf: contrastsURL).split()
        let options = SearchOptions(heads: 2, budget: SideEffectBudget(mostKL: mostKL))
        let found = try model.findHeads(options, examples: examples, contrasts: halves.first, neutral: neutral)
        // Article pauses
        // Article goes on
        for head in found.screened.prefix(4) {
            print("\(head.head): \(head.effect), \(head.ciLow ?? .nan) to \(head.ciHigh ?? .nan), q \(head.q ?? .nan)")
        }
        print("\(found.heads.map(\.name)), \(found.strength) σ")
        if !found.isWithinBudget || !found.isReadable { print("no strength that was tried is good enough") }
        // Article pauses
        // Article goes on
        let fingerprint = try model.model.fingerprint(workers: model.workers)
        try found.write(to: folder, model: ModelReference(model.configuration, fingerprint: fingerprint))
        // Article ends
        XCTAssertEqual(Set(found.heads.map(\.name)), ["2.1", "4.2"])
        XCTAssertEqual(shown.count, 5, "\(shown)")
        XCTAssertTrue(shown[0].hasPrefix("2.1: "), shown[0])
        let plan = try LoadedPlan(
            contentsOf: folder.appending(path: "plan.json"), model: model.model, workers: model.workers)
        XCTAssertEqual(Set(plan.plan.edits.map(\.target.description)), ["2.1", "4.2"])
    }

    func testTheArticleShowsIt() throws { try assertArticle("FindCausalHeads") }
}
