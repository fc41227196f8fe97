import DataFiles
import Directions
import Foundation
import HeadSteerTesting
import Intervention
import TensorCore
import Transformer
import XCTest
import _TestSupport

/// Good plans hold, and what isn't recorded is said.
final class GoodPlanTests: XCTestCase {
    func testRecordedPlan() throws {
        let plans = try RecordedPlans()
        let found = try plans.verify(plans.plan, data: plans.sameTexts)
        XCTAssertTrue(found.holds, "\(found.checks.filter { $0.outcome == .fails })")
        XCTAssertEqual(found.notRecorded, [])
        XCTAssertEqual(
            Set(found.checks.map(\.name)),
            Set(
                ["model", "edits", "touched", "strength 0", "logits without the plan", "effect"]
                    + ["direction", "length", "positions", "run", "activations", "data direction", "data sigma"].flatMap
                {
                    check in ["2.1", "4.2"].map { "\(check) of \($0)" }
                }))
        XCTAssertEqual(found.trace.map(\.touched), [["2.1"], ["4.2"]])
        // From the last prompt token to the end of the text.
        for (index, positions) in found.trace[0].positions.enumerated() {
            XCTAssertEqual(positions, Array(found.promptCounts[index] - 1..<found.texts[index].count))
            XCTAssertEqual(positions.count, 4)
        }
        let sigma = Double(try XCTUnwrap(plans.directions["2.1"]?.sigma))
        XCTAssertEqual(found.trace[0].length, 8 * sigma, accuracy: 1e-4 * sigma)
        // The mood rises: the recorded change is that of the logits in the model's own ground truth, so not nothing.
        guard case .number(let effect)? = try found.check("effect").found else { return XCTFail("no number") }
        XCTAssertGreaterThan(effect, 1)
    }

    /// Every operation, unit, position rule, schedule and gate, each as a recorded plan.
    func testPlansOfEveryKind() throws {
        let workers = WorkerPool(count: 2)
        for name in ["grouped", "llama2-like"] {
            let reference = try OperationReference(name)
            let model = try LanguageModel(
                contentsOf: FixtureLocation.fixtures.appending(path: "tiny-llamas/\(name)"))
            let fingerprint = try model.fingerprint(workers: workers)
            for row in reference.cases {
                let plan = try LoadedPlan(row.plan, directions: reference.directions, name: row.name).recorded(
                    on: model, fingerprint: fingerprint, prompts: [reference.prompt], workers: workers)
                let found = try PlanVerifier(model, workers: workers).verify(plan)
                XCTAssertTrue(
                    found.holds, "\(name), \(row.name): \(found.checks.filter { $0.outcome == .fails })")
                XCTAssertFalse(
                    found.trace.allSatisfy(\.touched.isEmpty), "\(name), \(row.name): nothing was traced")
                if row.plan.edits.allSatisfy({ $0.operation == .multiply }) {
                    XCTAssertEqual(try found.check("strength 0").outcome, .holds, "\(name), \(row.name)")
                }
                // The file says all of it.
                let folder = try makeTemporaryFolder()
                try plan.plan.write(to: folder.appending(path: "plan.json"))
                let again = try InterventionPlan(contentsOf: folder.appending(path: "plan.json"))
                XCTAssertEqual(again.record, plan.plan.record, row.name)
            }
        }
    }

    func testWhatIsNotRecordedIsSaid() throws {
        let plans = try RecordedPlans()
        var bare = plans.plan
        bare.plan.record = nil
        let found = try plans.verify(bare)
        XCTAssertTrue(found.holds)
        XCTAssertEqual(
            Set(found.notRecorded),
            Set(
                ["edits", "touched", "logits without the plan", "effect"]
                    + ["direction", "length", "positions", "activations"].flatMap { check in
                        ["2.1", "4.2"].map { "\(check) of \($0)" }
                    }))
        bare.plan.model = nil
        XCTAssertEqual(try plans.verify(bare).check("model").outcome, .notRecorded)
        // A record without texts and effects says so of these alone.
        var partial = plans.plan
        partial.plan.record?.texts = []
        partial.plan.record?.effects = []
        XCTAssertEqual(
            Set(try plans.verify(partial).notRecorded),
            ["activations of 2.1", "activations of 4.2", "logits without the plan", "effect"])
    }

    func testOperationsThatNoStrengthMakesNothingOf() throws {
        let planted = try PlantedModel()
        let plan = LoadedPlan(
            InterventionPlan(edits: [PlannedEdit(Head(layer: 1, index: 0), .zero, positions: .all)]))
        let found = try PlanVerifier(planted.model, workers: planted.workers).verify(plan)
        XCTAssertEqual(try found.check("strength 0").outcome, .notApplicable)
        XCTAssertTrue(found.holds, "\(found.checks)")
        let empty = try PlanVerifier(planted.model, workers: planted.workers).verify(
            LoadedPlan(InterventionPlan(edits: [])))
        XCTAssertEqual(try empty.check("strength 0").outcome, .holds)
    }

    /// Plans of several behaviours keep what their parts record of the edits.
    func testCombinedPlans() throws {
        let plans = try RecordedPlans()
        for overlap in [OverlapRule.inOrder, .orthogonal] {
            let both = try LoadedPlan.combining(
                [(name: "a", plan: plans.plan), (name: "b", plan: plans.plan)], overlap: overlap)
            let found = try plans.verify(both)
            XCTAssertTrue(found.holds, "\(overlap): \(found.checks.filter { $0.outcome == .fails })")
            XCTAssertEqual(
                Set(found.notRecorded),
                ["activations of 2.1", "activations of 4.2", "logits without the plan", "effect"], "\(overlap)")
            let sigma = Double(try XCTUnwrap(plans.directions["2.1"]?.sigma))
            XCTAssertEqual(
                found.trace[0].length, (overlap == .inOrder ? 16 : 8) * sigma, accuracy: 1e-4 * sigma, "\(overlap)")
        }
        var bare = plans.plan
        bare.plan.record = nil
        XCTAssertNil(
            try LoadedPlan.combining([(name: "a", plan: plans.plan), (name: "b", plan: bare)]).plan.record)
    }

    /// Another processor's rounding is no broken plan, a hundredth of the effect is.
    func testToleranceOfTheEffect() throws {
        let plans = try RecordedPlans()
        func holds(_ change: (inout RecordedEffect) -> Void) throws -> Bool {
            var plan = plans.plan
            guard var effect = plan.plan.record?.effects[0] else { throw XCTSkip("no effect") }
            change(&effect)
            plan.plan.record?.effects[0] = effect
            return try plans.verify(plan).check("effect").outcome == .holds
        }
        XCTAssertTrue(try holds { $0.edited[0] += 1e-3 })
        XCTAssertFalse(try holds { $0.edited[0] += 0.05 + 0.02 * abs($0.edited[0] - $0.unedited[0]) })
    }

    func testBrokenRecordsAreRefused() throws {
        let plans = try RecordedPlans()
        let folder = try makeTemporaryFolder()
        try plans.plan.write(to: folder)
        let url = folder.appending(path: "plan.json")
        let text = try String(contentsOf: url, encoding: .utf8)
        func refused(_ words: String, _ old: String, _ new: String, line: UInt = #line) throws {
            XCTAssertTrue(text.contains(old), "\(old) in \(text.prefix(900))", line: line)
            // The record comes after the edits.
            let parts = text.split(separator: "\"record\"", maxSplits: 1)
            let record = parts[1].replacing(old, with: new, maxReplacements: 1)
            try Data("\(parts[0])\"record\"\(record)".utf8).write(to: url)
            XCTAssertThrowsError(try plans.verify(LoadedPlan(contentsOf: url)), line: line) { error in
                let message = (error as? InputError)?.description ?? "another error: \(error)"
                XCTAssertTrue(message.contains(words), "\(message) without \(words)", line: line)
            }
        }
        try refused("plan-record/2", "plan-record/1", "plan-record/2")
        try refused("Base64", "\"direction\" : \"", "\"direction\" : \"!!")
        try refused("did you mean length", "\"length\" :", "\"lenght\" :")
        try refused("which the model doesn't have", "\"prompt\" : [", "\"prompt\" : [ 99999999,")
        try refused("before to", "\"from\" : ", "\"from\" : 1")
        try refused("fingerprint", "\"fingerprint\" : \"sha256", "\"fingerprint\" : 1, \"finger\" : \"sha256")
        var short = plans.plan
        short.plan.record?.edits[0].direction = [1, 0]
        XCTAssertThrowsError(try plans.verify(short)) { XCTAssertTrue("\($0)".contains("2 values"), "\($0)") }
        var far = plans.plan
        far.plan.record?.edits[0].target = .head(Head(layer: 9, index: 0))
        XCTAssertThrowsError(try plans.verify(far)) { XCTAssertTrue("\($0)".contains("no layer 9"), "\($0)") }
        var token = plans.plan
        token.plan.record?.effects[0].positive = [99_999]
        XCTAssertThrowsError(try plans.verify(token)) { XCTAssertTrue("\($0)".contains("99999"), "\($0)") }
    }

    func testCancellation() throws {
        let plans = try RecordedPlans()
        var verifier = PlanVerifier(plans.planted.model, workers: plans.planted.workers)
        verifier.isCancelled = { true }
        XCTAssertThrowsError(try verifier.verify(plans.plan)) { XCTAssertTrue($0 is CancellationError, "\($0)") }
    }
}
