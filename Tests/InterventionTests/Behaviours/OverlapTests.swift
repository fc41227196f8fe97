import DataFiles
import Foundation
import Intervention
import Transformer
import XCTest
import _TestSupport

/// What happens where several behaviours edit one head, against NumPy: `Fixtures/interventions/behaviours.py`.
final class OverlapTests: XCTestCase {
    private struct Meeting {
        var size: Int
        var edits: [PlannedEdit]
        /// What each edit adds by itself.
        var alone: [[Float]]
        /// What each edit adds under the rule `orthogonal`.
        var orthogonal: [[Float]]
    }

    private func meetings() throws -> [Meeting] {
        let facts = try JSONObject(
            contentsOf: FixtureLocation.fixtures.appending(path: "interventions/behaviours.json"))
        return try XCTUnwrap(facts.objects("meetings")).map { facts in
            var meeting = Meeting(size: try XCTUnwrap(facts.integer("size")), edits: [], alone: [], orthogonal: [])
            for row in try XCTUnwrap(facts.objects("edits")) {
                let direction = try XCTUnwrap(row.doubles("direction"))
                let strength = try XCTUnwrap(row.double("strength"))
                var edit = PlannedEdit(
                    Head(layer: 0, index: try XCTUnwrap(row.integer("head"))), .add, direction: .inline(direction),
                    strength: strength, positions: .last)
                edit.behaviour = try XCTUnwrap(row.string("behaviour"))
                meeting.edits.append(edit)
                meeting.alone.append(direction.map { Float($0 * strength) })
                meeting.orthogonal.append(try XCTUnwrap(row.doubles("added")).map { Float($0) })
            }
            return meeting
        }
    }

    private func added(_ plan: InterventionPlan, size: Int) throws -> [[Float]] {
        try LoadedPlan(plan).edits(headSize: size, width: 40).map { edit in
            guard case .add(let vector) = edit.change else { throw InputError.usage("no addition", remedy: "") }
            return vector
        }
    }

    func testInOrderAddsUp() throws {
        for meeting in try meetings() {
            XCTAssertEqual(
                try added(InterventionPlan(edits: meeting.edits), size: meeting.size), meeting.alone)
        }
    }

    func testOrthogonal() throws {
        let meetings = try meetings()
        XCTAssertEqual(meetings.map(\.edits.count), [6, 7, 6])
        for (index, meeting) in meetings.enumerated() {
            let plan = InterventionPlan(edits: meeting.edits, overlap: .orthogonal)
            let vectors = try added(plan, size: meeting.size)
            var changed = 0
            for (place, vector) in vectors.enumerated() {
                assertClose(vector, meeting.orthogonal[place], absolute: 2e-6, "meeting \(index), edit \(place)")
                changed += Difference(vector, meeting.alone[place]).value > 0.01 ? 1 : 0
                // The earlier behaviours' share of z is what it was.
                for earlier in 0..<place
                where plan.edits[earlier].behaviour != plan.edits[place].behaviour
                    && plan.edits[earlier].head == plan.edits[place].head
                {
                    let product = zip(vector, vectors[earlier]).reduce(0) { $0 + Double($1.0) * Double($1.1) }
                    XCTAssertEqual(product, 0, accuracy: 1e-5, "meeting \(index), edits \(earlier) and \(place)")
                }
            }
            XCTAssertGreaterThan(changed, 2, "meeting \(index): nothing to take away")
        }
    }

    /// Only what adds is made orthogonal, and only to what other behaviours add at the very same place.
    func testOrthogonalLeavesOtherEditsAlone() throws {
        func edit(_ operation: EditOperation, _ vector: [Double]?, head: Int, _ behaviour: String?) -> PlannedEdit {
            var edit = PlannedEdit(
                Head(layer: 0, index: head), operation, direction: vector.map { .inline($0) }, strength: 2,
                positions: .all)
            edit.behaviour = behaviour
            return edit
        }
        var layer = PlannedEdit(
            .layer(0, .attentionOut), .add, direction: .inline([1, 1, 0]), strength: 1, positions: .all)
        layer.behaviour = "c"
        let plan = InterventionPlan(
            edits: [
                edit(.add, [1, 0], head: 0, "a"), edit(.scale, nil, head: 0, "b"), edit(.clamp, [1, 0], head: 0, "b"),
                edit(.add, [1, 1], head: 1, "b"), edit(.add, [1, 1], head: 0, "a"), layer,
                edit(.add, [1, 1], head: 0, nil), edit(.add, [3, 1], head: 0, nil),
            ], overlap: .orthogonal)
        let edits = try LoadedPlan(plan).edits(headSize: 2, width: 3)
        let free = try LoadedPlan(InterventionPlan(edits: plan.edits)).edits(headSize: 2, width: 3)
        for index in 0..<6 { XCTAssertEqual("\(edits[index].change)", "\(free[index].change)", "edit \(index)") }
        // Those without a name are a behaviour of their own: all of the plane is taken by a's edits.
        for index in 6..<8 {
            guard case .add(let vector) = edits[index].change else { return XCTFail("no addition") }
            assertClose(vector, [0, 0] as [Float], absolute: 1e-6, "edit \(index)")
        }
    }

    func testRefuse() throws {
        func edit(_ behaviour: String?, layer: Int = 2, head: Int = 1) -> PlannedEdit {
            var edit = PlannedEdit(Head(layer: layer, index: head), .zero, positions: .all)
            edit.behaviour = behaviour
            return edit
        }
        func resolve(_ edits: [PlannedEdit], _ meeting: OverlapRule = .refuse) throws -> Int {
            try LoadedPlan(InterventionPlan(edits: edits, overlap: meeting), name: "p.json")
                .edits(headSize: 2, width: 3).count
        }
        XCTAssertEqual(try resolve([edit("a"), edit("a"), edit("b", head: 0), edit("b", layer: 1)]), 4)
        XCTAssertEqual(try resolve([edit(nil), edit(nil)]), 2, "edits that name no behaviour")
        XCTAssertEqual(try resolve([edit("a"), edit("b")], .inOrder), 2)
        for (edits, names) in [
            ([edit("a"), edit("a"), edit("b")], "a and b"),
            ([edit("a"), edit(nil), edit(nil)], "a and one without a name"),
        ] {
            XCTAssertThrowsError(try resolve(edits)) { error in
                XCTAssertEqual((error as? InputError)?.kind.general, .badData)
                for words in ["2.1", names, "p.json: edits[", "whereBehavioursMeet"] {
                    XCTAssertTrue("\(error)".contains(words), "\(error) without \(words)")
                }
            }
        }
        XCTAssertThrowsError(try resolve([edit("a"), edit("a"), edit("b")])) {
            XCTAssertTrue("\($0)".contains("edits[2]"), "\($0)")
        }
    }
}
