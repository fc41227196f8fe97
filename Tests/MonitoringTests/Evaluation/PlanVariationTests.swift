import Directions
import HeadSteerTesting
import Intervention
import Monitoring
import Transformer
import XCTest
import _TestSupport

/// What is tried of a plan to see from which point on a monitor notices.
final class PlanVariationTests: XCTestCase {
    private func plan(_ edits: [PlannedEdit], overlap: OverlapRule = .inOrder) throws -> (PlantedModel, LoadedPlan) {
        let planted = try PlantedModel()
        let found = try planted.directions()
        return (
            planted,
            LoadedPlan(
                InterventionPlan(directions: "d", edits: edits, overlap: overlap),
                directions: DirectionFile(found, residualNorms: []))
        )
    }

    private func names(_ edits: [PlannedEdit], overlap: OverlapRule = .inOrder) throws -> [String] {
        let (planted, plan) = try plan(edits, overlap: overlap)
        return try PlanVariation.standard(of: plan, in: planted.model.configuration).map(\.name)
    }

    private func edit(_ operation: EditOperation, _ strength: Double?, behaviour: String? = nil) -> PlannedEdit {
        var edit = PlannedEdit(
            Head(layer: 2, index: 1), operation, direction: operation == .scale ? nil : .named("2.1"),
            strength: strength, unit: operation == .scale ? .raw : .sigma, positions: .last)
        edit.behaviour = behaviour
        return edit
    }

    /// An addition is one of those that are tried; every other plan comes first, as it is.
    func testThePlanIsAmongItsVariations() throws {
        let additions = try names([edit(.add, 8)])
        XCTAssertEqual(additions[0], "add 1 sigma, last, 1 head")
        XCTAssertTrue(additions.contains("add 8 sigma, last, 1 head"), "\(additions)")
        XCTAssertFalse(additions.contains { $0.contains("as it is") }, "\(additions)")

        let mixed = try names([edit(.scale, 0.5), edit(.add, 8)])
        XCTAssertEqual(mixed[0], "the plan as it is, 1 head")
        XCTAssertEqual(Array(mixed.dropFirst()), additions)

        XCTAssertEqual(try names([edit(.scale, 0)]), ["the plan as it is, 1 head"])
    }

    /// Variations are carried out in order, so a plan whose additions are made orthogonal isn't one of them.
    func testAnOrthogonalPlanIsMeasuredAsItIs() throws {
        var other = edit(.add, 8, behaviour: "other")
        other.direction = .named("4.2")
        let edits = [edit(.add, 8, behaviour: "mood"), other]
        let (planted, plan) = try plan(edits, overlap: .orthogonal)
        let configuration = planted.model.configuration
        let variations = try PlanVariation.standard(of: plan, in: configuration)
        XCTAssertEqual(variations[0].name, "the plan as it is, 1 head")
        XCTAssertEqual("\(variations[0].edits)", "\(try plan.edits(configuration))")
        XCTAssertEqual(
            try names([edit(.add, 8)]).count + 1, variations.count, "as many others as of an ordinary plan")
    }
}
