import DataFiles
import Directions
import Foundation
import HeadSteerTesting
import Intervention
import Transformer
import XCTest
import _TestSupport

/// Reading, writing and resolving plans.
final class PlanFileTests: XCTestCase {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "headsteer-plan-\(UUID().uuidString)")

    override func setUpWithError() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    override func tearDown() { try? FileManager.default.removeItem(at: folder) }

    private func plan(_ text: String) throws -> InterventionPlan {
        try InterventionPlan(JSONObject(data: Data(text.utf8), place: "plan.json"))
    }

    func testTheContractsExample() throws {
        let plan = try plan(
            """
            {"format": "headsteer.plan/1",
             "model": {"fingerprint": "sha256:00", "architecture": "llama", "layers": 30, "heads": 9, "headSize": 64},
             "directions": "directions.safetensors",
             "edits": [
              {"layer": 12, "head": 8, "operation": "add", "direction": "12.8", "strength": 15, "unit": "sigma", "positions": "last"},
              {"layer": 3, "head": 0, "operation": "zero", "positions": "all"}]}
            """)
        XCTAssertEqual(
            plan,
            InterventionPlan(
                model: ModelReference(
                    fingerprint: "sha256:00", architecture: "llama", layers: 30, heads: 9, headSize: 64),
                directions: "directions.safetensors",
                edits: [
                    PlannedEdit(
                        Head(layer: 12, index: 8), .add, direction: .named("12.8"), strength: 15, unit: .sigma,
                        positions: .last),
                    PlannedEdit(Head(layer: 3, index: 0), .zero, positions: .all),
                ]))
    }

    /// A plan may come from anyone: what it names lies in its own folder, by its name and by where a link of that name leads.
    func testDirectionsLieBesideThePlanAndNowhereElse() throws {
        let manager = FileManager.default
        let place = folder.appending(path: "shared")
        try manager.createDirectory(at: place, withIntermediateDirectories: false)
        let outside = folder.appending(path: "d.safetensors")
        var directions = DirectionFile()
        directions.add("0.0", DirectionFile.Entry(vector: [1, 2]))
        try directions.write(to: outside)
        let url = place.appending(path: "plan.json")
        func load(_ name: String) throws -> LoadedPlan {
            try Data(#"{"format": "headsteer.plan/1", "directions": "\#(name)", "edits": []}"#.utf8).write(to: url)
            return try LoadedPlan(contentsOf: url)
        }
        for name in [
            "../d.safetensors", outside.path, "./d.safetensors", "sub/d.safetensors", "..", ".", "", "a\\u0000b",
        ] {
            XCTAssertThrowsError(try load(name), name) {
                XCTAssertTrue(
                    "\($0)".contains("directions is not the name of a file beside the plan"), "\(name): \($0)")
            }
        }
        let link = place.appending(path: "link.safetensors")
        try manager.createSymbolicLink(at: link, withDestinationURL: outside)
        XCTAssertThrowsError(try load("link.safetensors")) {
            XCTAssertTrue("\($0)".contains("a link to another folder"), "\($0)")
        }
        try manager.copyItem(at: outside, to: place.appending(path: "own.safetensors"))
        try manager.createSymbolicLink(
            atPath: place.appending(path: "other.safetensors").path, withDestinationPath: "own.safetensors")
        for name in ["own.safetensors", "other.safetensors"] {
            XCTAssertEqual(try load(name).directions?.names, ["0.0"], name)
        }
        // A cache of downloads, where both are links to files elsewhere.
        let cache = folder.appending(path: "cache")
        try manager.createDirectory(at: cache, withIntermediateDirectories: false)
        for name in ["plan.json", "other.safetensors"] {
            try manager.createSymbolicLink(
                at: cache.appending(path: name), withDestinationURL: place.appending(path: name))
        }
        XCTAssertEqual(try LoadedPlan(contentsOf: cache.appending(path: "plan.json")).directions?.names, ["0.0"])
    }

    /// What went wrong, for programs.
    func testKindsOfErrors() throws {
        let planted = try PlantedModel()
        let reference = ModelReference(planted.model.configuration, fingerprint: "sha256:0")
        var smaller = reference
        smaller.layers -= 1
        func plan(_ edits: String) throws -> LoadedPlan {
            LoadedPlan(try self.plan(#"{"format": "headsteer.plan/1", "directions": "d", "edits": [\#(edits)]}"#))
        }
        func check(_ loaded: LoadedPlan) throws { try loaded.check(planted.model, workers: planted.workers) }
        func resolve(_ edit: String) throws {
            var loaded = try plan(edit)
            loaded.directions = DirectionFile()
            loaded.directions?.add("2.1", DirectionFile.Entry(vector: [Float](repeating: 1, count: 16)))
            _ = try loaded.edits(planted.model.configuration)
        }
        let cases: [(InputError.Kind, () throws -> Void)] = [
            (.otherModel, { try check(LoadedPlan(InterventionPlan(model: reference, edits: []))) }),
            (.otherModel, { try check(LoadedPlan(InterventionPlan(model: smaller, edits: []))) }),
            (.unreadable, { _ = try self.plan("{") }),
            (.unsupported, { _ = try self.plan(#"{"format": "headsteer.plan/9", "edits": []}"#) }),
            (.missingPart, { _ = try self.plan(#"{"format": "headsteer.plan/1"}"#) }),
            (.unknownName, { _ = try plan(#"{"layers": 2}"#) }),
            (
                .unknownName,
                { try check(plan(#"{"layer": 2, "head": 9, "operation": "zero", "positions": "all"}"#)) }
            ),
            (
                .missingPart,
                {
                    try resolve(
                        #"{"layer": 2, "head": 1, "operation": "reflect", "direction": "2.2", "positions": "all"}"#)
                }
            ),
            (
                .missingPart,
                {
                    try resolve(
                        #"{"layer": 2, "head": 1, "operation": "add", "direction": "2.1", "strength": 1, "unit": "sigma", "positions": "all"}"#
                    )
                }
            ),
        ]
        for (index, (kind, body)) in cases.enumerated() {
            XCTAssertThrowsError(try body(), "case \(index)") { error in
                XCTAssertEqual((error as? InputError)?.kind, kind, "case \(index): \(error)")
            }
        }
    }

    func testPlansRoundTrip() throws {
        let original = InterventionPlan(
            model: ModelReference(fingerprint: "sha256:ab", architecture: "llama", layers: 2, heads: 3, headSize: 4),
            directions: "d.safetensors",
            edits: [
                PlannedEdit(
                    Head(layer: 0, index: 1), .add, direction: .inline([1, 0.5, -2, 0]), strength: -1.25,
                    unit: .headNorm,
                    positions: .range(from: -3, to: 7)),
                PlannedEdit(
                    Head(layer: 1, index: 2), .clamp, direction: .named("x"), strength: 0, unit: .residualNorm,
                    positions: .tokens([5, 2])),
                PlannedEdit(
                    Head(layer: 1, index: 0), .rotate, direction: .named("x"), strength: 30, positions: .generated),
                PlannedEdit(Head(layer: 1, index: 0), .mean, direction: .named("x"), positions: .prompt),
            ])
        let url = folder.appending(path: "plan.json")
        try original.write(to: url)
        XCTAssertEqual(try InterventionPlan(contentsOf: url), original)
    }

    func testWrongPlansSayWhatIsWrong() throws {
        func edit(_ fields: String) -> String { #"{"format": "headsteer.plan/1", "edits": [{\#(fields)}]}"# }
        for (text, expected) in [
            ("[]", "no JSON object"), ("{", "invalid JSON"), (#"{"edits": []}"#, "no field format"),
            (#"{"format": "headsteer.plan/2", "edits": []}"#, "headsteer.plan/2"),
            (#"{"format": "headsteer.plan/1"}"#, "no field edits"),
            (#"{"format": "headsteer.plan/1", "edits": [], "edits": []}"#, "the field `edits` twice"),
            (#"{"format": "headsteer.plan/1", "edits": [], "direction": "x"}"#, "did you mean directions"),
            (edit(#""layer": 0, "head": 0, "operation": "zeroo", "positions": "all""#), "did you mean zero?"),
            (edit(#""layer": 0, "head": 0, "operation": "zero", "positions": "al""#), "did you mean all?"),
            (edit(#""layer": 0, "head": 0, "operation": "zero""#), "no field positions"),
            (edit(#""layer": 0.5, "head": 0, "operation": "zero", "positions": "all""#), "layer is not a whole number"),
            (edit(#""layer": 0, "operation": "zero", "positions": "all""#), "no field head"),
            (edit(#""layer": 0, "head": true, "operation": "zero", "positions": "all""#), "head is not a whole number"),
            (
                edit(#""layer": 0, "head": 0, "operation": "add", "direction": "x", "positions": "all""#),
                "no field strength"
            ),
            (
                edit(#""layer": 0, "head": 0, "operation": "add", "strength": 1, "positions": "all""#),
                "no field direction"
            ),
            (
                edit(
                    #""layer": 0, "head": 0, "operation": "add", "strength": 1, "direction": [1, "a"], "positions": "all""#
                ), "direction is not an array of numbers"
            ),
            (
                edit(
                    #""layer": 0, "head": 0, "operation": "add", "strength": 1, "direction": [1], "unit": "sigmas", "positions": "all""#
                ), "did you mean sigma?"
            ),
            (
                edit(
                    #""layer": 0, "head": 0, "operation": "scale", "strength": 1, "unit": "sigma", "positions": "all""#),
                "unit"
            ),
            (edit(#""layer": 0, "head": 0, "operation": "zero", "positions": {"from": 1}"#), "no field to"),
            (edit(#""layer": 0, "head": 0, "operation": "zero", "positions": {"token": [1]}"#), "did you mean tokens"),
            (
                edit(#""layer": 0, "head": 0, "operation": "zero", "positions": {"tokens": [1], "from": 0}"#),
                "tokens is not allowed"
            ),
        ] {
            XCTAssertThrowsError(try plan(text), text) { error in
                let message = "\(error)"
                XCTAssertTrue(message.contains(expected), "\(text)\n gives: \(message)\n without: \(expected)")
                XCTAssertTrue(message.contains("plan.json"), message)
                XCTAssertEqual((error as? InputError)?.kind.general, .badData, message)
            }
        }
    }

    /// What each operation and unit becomes, by hand.
    func testStrengthsInEveryUnit() throws {
        var file = DirectionFile()
        file.add(
            "d",
            DirectionFile.Entry(
                vector: [3, 4], sigma: 2, mean: [7, 8], headNorm: 10, residualNorm: 100))
        func vector(_ edit: PlannedEdit) throws -> [Float] {
            let edits = try LoadedPlan(InterventionPlan(edits: [edit]), directions: file).edits(headSize: 2, width: 4)
            guard case .add(let vector) = edits[0].change else {
                XCTFail("not an addition")
                return []
            }
            return vector
        }
        func add(_ unit: StrengthUnit) -> PlannedEdit {
            PlannedEdit(
                Head(layer: 0, index: 0), .add, direction: .named("d"), strength: 0.5, unit: unit, positions: .all)
        }
        XCTAssertEqual(try vector(add(.raw)), [1.5, 2])
        XCTAssertEqual(try vector(add(.sigma)), [0.6, 0.8])
        XCTAssertEqual(try vector(add(.headNorm)), [3, 4])
        XCTAssertEqual(try vector(add(.residualNorm)), [30, 40])
        let clamp = PlannedEdit(
            Head(layer: 0, index: 0), .clamp, direction: .named("d"), strength: 3, unit: .sigma, positions: .all)
        guard
            case .setComponent(let unit, let value) = try LoadedPlan(
                InterventionPlan(edits: [clamp]), directions: file
            ).edits(headSize: 2, width: 4)[0].change
        else { return XCTFail("not a clamp") }
        XCTAssertEqual(unit, [0.6, 0.8])
        XCTAssertEqual(value, 6)
        let mean = PlannedEdit(Head(layer: 0, index: 0), .mean, direction: .named("d"), positions: .all)
        guard
            case .replace(let values) = try LoadedPlan(
                InterventionPlan(edits: [mean]), directions: file
            ).edits(headSize: 2, width: 4)[0].change
        else { return XCTFail("not a replacement") }
        XCTAssertEqual(values, [7, 8])
    }

    /// The clean mean of a head is found by the head's own name where no direction is given.
    func testMeanWithoutADirection() throws {
        var file = DirectionFile()
        file.add("3.1", DirectionFile.Entry(vector: [1, 0], mean: [5, 6]))
        let plan = try plan(
            """
            {"format": "headsteer.plan/1", "directions": "d.safetensors",
             "edits": [{"layer": 3, "head": 1, "operation": "mean", "positions": "all"}]}
            """)
        guard case .replace(let mean) = try LoadedPlan(plan, directions: file).edits(headSize: 2, width: 4)[0].change
        else {
            return XCTFail("not a replacement")
        }
        XCTAssertEqual(mean, [5, 6])
    }

    func testEditsThatLackWhatTheyNeed() throws {
        var file = DirectionFile(place: "d.safetensors")
        file.add("bare", DirectionFile.Entry(vector: [1, 0]))
        file.add("zero", DirectionFile.Entry(vector: [0, 0], sigma: 1))
        for (edit, expected) in [
            (
                PlannedEdit(
                    Head(layer: 0, index: 0), .add, direction: .named("bare"), strength: 1, unit: .sigma,
                    positions: .all),
                "no sigma"
            ),
            (PlannedEdit(Head(layer: 0, index: 0), .mean, direction: .named("bare"), positions: .all), "no mean"),
            (
                PlannedEdit(Head(layer: 0, index: 0), .add, direction: .named("bear"), strength: 1, positions: .all),
                "the nearest names there are bare"
            ),
            (
                PlannedEdit(
                    Head(layer: 0, index: 0), .add, direction: .inline([1, 2, 3]), strength: 1, positions: .all),
                "3 values"
            ),
            (
                PlannedEdit(
                    Head(layer: 0, index: 0), .add, direction: .named("zero"), strength: 1, unit: .sigma,
                    positions: .all),
                "length 0"
            ),
            (PlannedEdit(Head(layer: 0, index: 0), .reflect, direction: .inline([0, 0]), positions: .all), "length 0"),
        ] {
            XCTAssertThrowsError(
                try LoadedPlan(InterventionPlan(edits: [edit]), directions: file).edits(headSize: 2, width: 4)
            ) {
                error in
                XCTAssertTrue("\(error)".contains(expected), "\(error)\n without: \(expected)")
            }
        }
    }

    func testPlansForOtherModelsAreRefused() throws {
        let planted = try PlantedModel()
        let c = planted.model.configuration
        let fingerprint = try planted.model.fingerprint(workers: planted.workers)
        let right = ModelReference(c, fingerprint: fingerprint)
        var otherShape = right
        otherShape.heads += 1
        var otherWeights = right
        otherWeights.fingerprint = "sha256:0"
        func check(_ reference: ModelReference?, allow: Bool = false, layer: Int = 0, head: Int = 0) throws {
            let edit = PlannedEdit(Head(layer: layer, index: head), .zero, positions: .all)
            try LoadedPlan(InterventionPlan(model: reference, edits: [edit])).check(
                planted.model, allowOtherModel: allow, workers: planted.workers)
        }
        XCTAssertNoThrow(try check(right))
        XCTAssertNoThrow(try check(nil))
        XCTAssertNoThrow(try check(otherWeights, allow: true))
        XCTAssertThrowsError(try check(otherWeights)) {
            XCTAssertTrue("\($0)".contains("--allow-other-model"), "\($0)")
        }
        XCTAssertThrowsError(try check(otherShape, allow: true)) { XCTAssertTrue("\($0)".contains("heads"), "\($0)") }
        XCTAssertThrowsError(try check(nil, layer: c.layers)) { XCTAssertTrue("\($0)".contains("layer 6"), "\($0)") }
        XCTAssertThrowsError(try check(nil, head: -1)) { XCTAssertTrue("\($0)".contains("head 0.-1"), "\($0)") }
    }
}
