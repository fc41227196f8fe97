import DataFiles
import Directions
import Foundation
import Intervention
import Transformer
import XCTest
import _TestSupport

/// Several behaviours in one plan.
final class PlanCombinationTests: XCTestCase {
    private let reference = ModelReference(
        fingerprint: "sha256:1", architecture: "llama", layers: 3, heads: 6, headSize: 2)

    private func file(_ entries: [String: DirectionFile.Entry]) -> DirectionFile {
        var file = DirectionFile()
        for name in entries.keys.sorted() { entries[name].map { file.add(name, $0) } }
        return file
    }

    private func mood() -> (name: String, plan: LoadedPlan) {
        var gated = PlannedEdit(
            Head(layer: 1, index: 2), .add, direction: .named("1.2"), strength: 2, unit: .sigma, positions: .last)
        gated.gate = PlannedGate(
            .head(Head(layer: 0, index: 1)), direction: .named("gate"), mode: .latched, positions: .all)
        var nested = PlannedEdit(Head(layer: 2, index: 0), .mean, positions: .all)
        nested.behaviour = "calm"
        let plan = InterventionPlan(
            model: reference, directions: "a.safetensors", edits: [gated, nested], overlap: .refuse)
        let directions = file([
            "1.2": .init(vector: [3, 4], sigma: 2), "gate": .init(vector: [0, 2], threshold: 0.25),
            "2.0": .init(vector: [1, 0], mean: [5, 6]), "unused": .init(vector: [1, 1]),
        ])
        return ("mood", LoadedPlan(plan, directions: directions))
    }

    private func honesty() -> (name: String, plan: LoadedPlan) {
        let plan =
            InterventionPlan(
                directions: "b.safetensors",
                edits: [
                    PlannedEdit(Head(layer: 1, index: 2), .projectOut, direction: .named("1.2"), positions: .all),
                    PlannedEdit(
                        Head(layer: 0, index: 0), .add, direction: .inline([1, 2]), strength: 1, positions: .all),
                ])
        return ("honesty", LoadedPlan(plan, directions: file(["1.2": .init(vector: [0, 1])])))
    }

    /// The combined plan says what the plans said, one after the other.
    func testEditsAreThoseOfThePlans() throws {
        let plans = [mood(), honesty()]
        let loaded = try LoadedPlan.combining(plans)
        let plan = loaded.plan
        XCTAssertEqual(plan.model, reference)
        XCTAssertEqual(plan.overlap, .inOrder)
        XCTAssertEqual(plan.directions, "directions.safetensors")
        XCTAssertEqual(plan.edits.map(\.behaviour), ["mood", "mood/calm", "honesty", "honesty"])
        XCTAssertEqual(loaded.directions?.names.sorted(), ["honesty/1.2", "mood/1.2", "mood/2.0", "mood/gate"])
        let expected = try plans.flatMap { try $0.plan.edits(headSize: 2, width: 4) }
        let combined = try loaded.edits(headSize: 2, width: 4)
        XCTAssertEqual(combined.map { "\($0)" }, expected.map { "\($0)" })
        XCTAssertEqual(combined[0].gate?.threshold, 0.25)
    }

    /// It is a plan like any other: written, read, and the same.
    func testTheResultRoundTrips() throws {
        let folder = try makeTemporaryFolder()
        let combined = try LoadedPlan.combining(
            [mood(), honesty()], overlap: .orthogonal, directionsName: "both.safetensors")
        XCTAssertEqual(combined.plan.overlap, .orthogonal)
        try combined.write(to: folder)
        let again = try LoadedPlan(contentsOf: folder.appending(path: "plan.json"))
        XCTAssertEqual(again.plan, combined.plan)
        XCTAssertTrue(
            FileManager.default.fileExists(
                atPath: folder.appending(path: "both.safetensors").path(percentEncoded: false)))
        XCTAssertEqual(
            try again.edits(headSize: 2, width: 4).map { "\($0)" },
            try combined.edits(headSize: 2, width: 4).map { "\($0)" })
    }

    func testWhatCannotBeCombined() throws {
        var other = honesty()
        other.plan.plan.model = ModelReference(
            fingerprint: "sha256:2", architecture: "llama", layers: 3, heads: 6, headSize: 2)
        var lacking = honesty()
        lacking.plan.directions = nil
        var twin = honesty()
        twin.name = "mood"
        for (plans, words) in [
            ([mood(), other], "sha256:2"), ([mood(), lacking], "the plan honesty"), ([mood(), twin], "mood/1.2"),
        ] {
            XCTAssertThrowsError(try LoadedPlan.combining(plans)) { error in
                XCTAssertEqual((error as? InputError)?.kind.general, .badData)
                XCTAssertTrue("\(error)".contains(words), "\(error) without \(words)")
            }
        }
    }

    func testInlineDirectionsNeedNoFile() throws {
        var plan = honesty()
        plan.plan.plan.edits.removeFirst()
        let combined = try LoadedPlan.combining([plan])
        XCTAssertNil(combined.directions)
        XCTAssertNil(combined.plan.directions)
        XCTAssertNil(combined.plan.model)
        XCTAssertEqual(combined.plan.edits.map(\.behaviour), ["honesty"])
        let none = try LoadedPlan.combining([])
        XCTAssertTrue(none.plan.edits.isEmpty)
    }
}
