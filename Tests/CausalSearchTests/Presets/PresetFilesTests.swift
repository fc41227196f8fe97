import CausalSearch
import DataFiles
import Foundation
import HeadSteerTesting
import Intervention
import XCTest
import _TestSupport

/// What a preset writes can be read and run again.
final class PresetFilesTests: XCTestCase {
    func testTheFilesHoldThePlan() throws {
        let planted = try PlantedModel()
        let options = CAAOptions(layer: 3)
        let result = try CAAPreset(
            PresetContext(planted.model, tokenizer: planted.tokenizer, workers: planted.workers), options: options
        ).plan(.choice(PresetData.choices), file: "test")
        let folder = try makeTemporaryFolder().appending(path: "caa")
        let model = ModelReference(
            planted.model.configuration, fingerprint: try planted.model.fingerprint(workers: planted.workers))
        try result.write(to: folder, model: model, options: options, provenance: ["data": "test"])
        let edits = try LoadedPlan(
            contentsOf: folder.appending(path: "plan.json"), model: planted.model, workers: planted.workers
        ).edits(planted.model.configuration)
        XCTAssertEqual(edits.count, 1)
        guard case .add(let vector) = edits[0].change else { return XCTFail("\(edits[0].change)") }
        XCTAssertEqual(vector, try XCTUnwrap(result.directions["residual-post.3"]).vector)
        let found = try PlanVerifier(planted.model, workers: planted.workers).verify(
            LoadedPlan(contentsOf: folder.appending(path: "plan.json")))
        XCTAssertTrue(found.holds, "\(found.checks.filter { $0.outcome == .fails })")
        XCTAssertEqual(found.notRecorded, ["activations of residual-post.3"])
        let report = try JSONObject(contentsOf: folder.appending(path: "report.json"))
        XCTAssertEqual(try report.string("format"), "headsteer.preset/1")
        XCTAssertEqual(try report.string("preset"), "caa")
        XCTAssertEqual(try report.string("fingerprint"), model.fingerprint)
        XCTAssertEqual(try XCTUnwrap(report.object("options")).integer("layer"), 3)
        let first = try Data(contentsOf: folder.appending(path: "report.json"))
        try result.write(to: folder, model: model, options: options, provenance: ["data": "test"])
        XCTAssertEqual(try Data(contentsOf: folder.appending(path: "report.json")), first, "the same bytes again")
        XCTAssertEqual(
            try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted(),
            ["directions.safetensors", "plan.json", "report.json", "times.json"])
    }
}
