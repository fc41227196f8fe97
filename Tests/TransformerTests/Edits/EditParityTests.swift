import DataFiles
import TensorCore
import Transformer
import XCTest
import _TestSupport

/// Logits and greedy tokens under edits against transformers with the same edits as hooks: every step of every case.
final class EditParityTests: XCTestCase {
    private let workers = WorkerPool(count: 2)

    func testTinyModels() throws {
        for name in ReferenceModel.tinyNames { try check(.tiny(name)) }
        try check(.tinyGGUF())
    }

    private func check(_ reference: ReferenceModel) throws {
        let facts = try XCTUnwrap(reference.facts.object("edits"))
        let prompt = try XCTUnwrap(facts.integers("prompt"))
        let cases = try XCTUnwrap(facts.objects("cases"))
        XCTAssertEqual(cases.count, 5, reference.name)
        for facts in cases {
            let name = try XCTUnwrap(facts.string("name"))
            let edits = try XCTUnwrap(facts.objects("edits")).map { try edit($0, reference) }
            let expectedIds = try XCTUnwrap(facts.integers("ids"))
            let what = "\(reference.name) \(name)"

            if reference.edits["\(name).prompt"] != nil {
                let whole = try reference.model.pass(prompt, edits: edits, workers: workers)
                assertClose(
                    whole.logits.elements, try reference.edits.floats("\(name).prompt"), absolute: 1e-4,
                    "\(what), prompt")
            }

            let run = reference.run(promptCount: prompt.count, workers: workers)
            let vocabulary = reference.model.configuration.vocabulary
            let expectedSteps = try reference.edits.floats("\(name).steps")
            XCTAssertEqual(expectedSteps.count, expectedIds.count * vocabulary, what)
            var next = prompt
            for (step, expected) in expectedIds.enumerated() {
                let logits = try run.advance([Step(tokens: next, edits: edits)])[0].logits.elements
                assertClose(
                    logits, expectedSteps[(step * vocabulary)..<((step + 1) * vocabulary)], absolute: 1e-4,
                    "\(what), step \(step)")
                XCTAssertEqual(argmax(logits), expected, "\(what), step \(step)")
                next = [expected]
            }
        }
    }

    /// An edit as a plan writes it.
    private func edit(_ facts: JSONObject, _ reference: ReferenceModel) throws -> Edit {
        let strength = Float(try facts.double("strength") ?? 1)
        let change: Change
        switch try facts.string("operation") {
        case "add":
            let direction = try reference.edits.floats(XCTUnwrap(facts.string("direction")))
            change = .add(direction.map { $0 * strength })
        case "scale": change = .scale(strength)
        case "zero": change = .zero
        case let other: throw InputError.usage("an unknown operation \(other ?? "none")", remedy: "extend the test")
        }
        let positions: PositionRule
        switch try facts.string("positions") {
        case "last": positions = .last
        case "all": positions = .all
        case "prompt": positions = .prompt
        case "generated": positions = .generated
        case let other: throw InputError.usage("unknown positions \(other ?? "none")", remedy: "extend the test")
        }
        return .z(
            layer: try XCTUnwrap(facts.integer("layer")), head: try XCTUnwrap(facts.integer("head")),
            positions: positions, change)
    }
}
