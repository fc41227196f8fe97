import Foundation
import HeadSteer
import XCTest
import _TestSupport

/// The code of the article "Check that a plan does what it was made to do", compiled and run as it stands there.
final class CheckAPlanArticle: XCTestCase {
    func testItRuns() throws {
        var shown: [String] = []
        func print(_ text: String) { shown.append(text) }
        let modelURL = Planted.model
        let folder = try makeTemporaryFolder()
        let planURL = folder.appending(path: "plan.json")
        let planted = try TextModel(contentsOf: modelURL)
        let fingerprint = try planted.model.fingerprint(workers: planted.workers)
        let mood = try Planted.directions()[head: Planted.head]
        try LoadedPlan(
            moving: [.head(mood.head)], along: DirectionFile([mood], residualNorms: []), by: 8,
            in: planted.configuration, fingerprint: fingerprint
        ).recorded(
            on: planted.model, fingerprint: fingerprint, prompts: [planted.tokens(of: "My day at work was")],
            workers: planted.workers
        ).write(to: folder)
        // Article begins
        let model = try TextModel(contentsOf: modelURL)
        let plan = try LoadedPlan(contentsOf: planURL)
        let found = try PlanVerifier(model.model, workers: model.workers).verify(plan)
        print("holds: \(found.holds), fails: \(found.failed), not recorded: \(found.notRecorded)")
        for traced in found.trace { print("\(traced.target) touched \(traced.touched) at \(traced.positions)") }
        // Article ends
        XCTAssertTrue(shown[0].hasPrefix("holds: true, fails: [], not recorded: ["), "\(shown)")
        XCTAssertTrue(shown[1].hasPrefix("2.1 touched [\"2.1\"] at [["), "\(shown)")
    }

    func testTheArticleShowsIt() throws { try assertArticle("CheckAPlan") }
}
