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

    private func mood() -> NamedPlan {
        var gated = PlannedEdit(
            Head(layer: 1, index: 2), .add, direction: .named("1.2"), strength: 2, unit: .sigma, positions: .last)
        gated.gate = PlannedGate(
            .head(Head(layer: 0, index: 1)), direction: .named("gate"), mode: .latched, positions: .all)
        var nested = PlannedEdit(Head(layer: 2, index: 0), .mean, positions: .all)
        nested.behaviour = "calm"
        return NamedPlan(
            "mood",
            InterventionPlan(model: reference, directions: "a.safetensors", edits: [gated, nested], meeting: .refuse),
            directions: file([
                "1.2": .init(vector: [3, 4], sigma: 2), "gate": .init(vector: [0, 2], threshold: 0.25),
                "2.0": .init(vector: [1, 0], mean: [5, 6]), "unused": .init(vector: [1, 1]),
            ]))
    }

    private func honesty() -> NamedPlan {
        NamedPlan(
            "honesty",
            InterventionPlan(
                directions: "b.safetensors",
                edits: [
                    PlannedEdit(Head(layer: 1, index: 2), .projectOut, direction: .named("1.2"), positions: .all),
                    PlannedEdit(
                        Head(layer: 0, index: 0), .add, direction: .inline([1, 2]), strength: 1, positions: .all),
                ]),
            directions: file(["1.2": .init(vector: [0, 1])]))
    }

    /// The combined plan says what the plans said, one after the other.
    func testEditsAreThoseOfThePlans() throws {
        let plans = [mood(), honesty()]
        let (plan, directions) = try InterventionPlan.combining(plans)
        XCTAssertEqual(plan.model, reference)
        XCTAssertEqual(plan.meeting, .inOrder)
        XCTAssertEqual(plan.directions, "directions.safetensors")
        XCTAssertEqual(plan.edits.map(\.behaviour), ["mood", "mood/calm", "honesty", "honesty"])
        XCTAssertEqual(directions?.names.sorted(), ["honesty/1.2", "mood/1.2", "mood/2.0", "mood/gate"])
        let expected = try plans.flatMap { try $0.plan.edits(directions: $0.directions, headSize: 2, width: 4) }
        let combined = try plan.edits(directions: directions, headSize: 2, width: 4)
        XCTAssertEqual(combined.map { "\($0)" }, expected.map { "\($0)" })
        XCTAssertEqual(combined[0].gate?.threshold, 0.25)
    }

    /// It is a plan like any other: written, read, and the same.
    func testTheResultRoundTrips() throws {
        let folder = try makeTemporaryFolder()
        let (plan, directions) = try InterventionPlan.combining(
            [mood(), honesty()], meeting: .orthogonal, directionsName: "both.safetensors")
        XCTAssertEqual(plan.meeting, .orthogonal)
        try plan.write(to: folder.appending(path: "plan.json"))
        try XCTUnwrap(directions).write(to: folder.appending(path: "both.safetensors"))
        let again = try InterventionPlan(contentsOf: folder.appending(path: "plan.json"))
        XCTAssertEqual(again, plan)
        let file = try DirectionFile(contentsOf: folder.appending(path: "both.safetensors"))
        XCTAssertEqual(
            try again.edits(directions: file, headSize: 2, width: 4).map { "\($0)" },
            try plan.edits(directions: directions, headSize: 2, width: 4).map { "\($0)" })
    }

    func testWhatCannotBeCombined() throws {
        var other = honesty()
        other.plan.model = ModelReference(
            fingerprint: "sha256:2", architecture: "llama", layers: 3, heads: 6, headSize: 2)
        var lacking = honesty()
        lacking.directions = nil
        var twin = honesty()
        twin.name = "mood"
        for (plans, words) in [
            ([mood(), other], "sha256:2"), ([mood(), lacking], "the plan honesty"), ([mood(), twin], "mood/1.2"),
        ] {
            XCTAssertThrowsError(try InterventionPlan.combining(plans)) { error in
                XCTAssertEqual((error as? InputError)?.kind, .badData)
                XCTAssertTrue("\(error)".contains(words), "\(error) without \(words)")
            }
        }
    }

    func testInlineDirectionsNeedNoFile() throws {
        var plan = honesty()
        plan.plan.edits.removeFirst()
        let (combined, directions) = try InterventionPlan.combining([plan])
        XCTAssertNil(directions)
        XCTAssertNil(combined.directions)
        XCTAssertNil(combined.model)
        XCTAssertEqual(combined.edits.map(\.behaviour), ["honesty"])
        let none = try InterventionPlan.combining([])
        XCTAssertTrue(none.plan.edits.isEmpty)
    }
}
