import Checkpoints
import DataFiles
import DataSets
import Directions
import Foundation
import HeadSteerTesting
import Intervention
import Statistics
import TensorCore
import Transformer
import XCTest
import _TestSupport

/// The usual mistakes of steering code, each put into a good plan: the check that is there for it says so.
final class BrokenPlanTests: XCTestCase {
    /// The checks that fail, and that those named say what they should.
    private func assertFails(
        _ found: PlanVerification, _ names: [String], saying notes: [String: String] = [:],
        file: StaticString = #filePath, line: UInt = #line
    ) throws {
        XCTAssertFalse(found.holds, file: file, line: line)
        XCTAssertEqual(Set(found.failed), Set(names), "\(found.checks)", file: file, line: line)
        for (name, words) in notes {
            let note = try found.check(name, file: file, line: line).note ?? ""
            XCTAssertTrue(note.contains(words), "\(name): \(note)", file: file, line: line)
        }
    }

    private func ofBoth(_ checks: String...) -> [String] {
        checks.flatMap { check in ["2.1", "4.2"].map { "\(check) of \($0)" } }
    }

    func testFlippedSign() throws {
        let plans = try RecordedPlans()
        let flipped = try plans.changingDirections { _, entry in
            var entry = entry
            entry.vector = entry.vector.map { -$0 }
            return entry
        }
        let found = try plans.verify(flipped, data: plans.sameTexts)
        try assertFails(
            found,
            ofBoth("direction", "activations", "data direction") + ["effect"],
            saying: ["direction of 2.1": "the opposite sign", "data direction of 4.2": "the opposite sign"])
        guard case .number(let cosine)? = try found.check("direction of 2.1").found else { return XCTFail("no number") }
        XCTAssertEqual(cosine, -1, accuracy: 1e-4, "a cosine with its sign")
        // The strength's sign is the same mistake at the other place; the direction itself is right.
        var weaker = plans.plan
        for index in weaker.plan.edits.indices { weaker.plan.edits[index].strength = -8 }
        try assertFails(
            try plans.verify(weaker, data: plans.sameTexts), ofBoth("direction") + ["effect"],
            saying: ["direction of 2.1": "the opposite sign"])
    }

    func testDirectionThatIsNotNormalised() throws {
        let plans = try RecordedPlans()
        var raw = plans.plan
        for (index, name) in ["2.1", "4.2"].enumerated() {
            let sigma = Double(try XCTUnwrap(plans.directions[name]?.sigma))
            raw.plan.edits[index].unit = .raw
            raw.plan.edits[index].strength = 8 * sigma
        }
        let found = try plans.verify(raw)
        try assertFails(found, ofBoth("length") + ["effect"])
        let norm = try XCTUnwrap(plans.directions["2.1"]).vector.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
        let check = try found.check("length of 2.1")
        guard case .number(let length)? = check.found, case .number(let expected)? = check.expected else {
            return XCTFail("no numbers")
        }
        XCTAssertEqual(length / expected, norm, accuracy: 1e-3, "the direction's length is in it twice")
    }

    /// The heads of a file whose rows were taken for columns: L.H holds what belongs to another head.
    func testWrongHeadOrder() throws {
        let plans = try RecordedPlans()
        let c = plans.planted.model.configuration
        let mixed = try plans.changingDirections { name, _ in
            let head = try XCTUnwrap(Head(name))
            let index = head.index * c.layers + head.layer
            return try XCTUnwrap(plans.directions["\(Head(layer: index / c.heads, index: index % c.heads))"])
        }
        try assertFails(
            try plans.verify(mixed, data: plans.sameTexts),
            ofBoth("direction", "length", "activations", "data direction", "data sigma") + ["effect"],
            saying: [
                "direction of 2.1": "the expected one is the direction of 3.1",
                "data direction of 2.1": "the direction that these texts give for 2.0",
            ])
    }

    func testWrongRotationOrder() throws {
        let plans = try RecordedPlans()
        let interleaved = try plans.changingDirections { _, entry in
            var entry = entry
            let half = entry.vector.count / 2
            entry.vector = entry.vector.indices.map { entry.vector[$0 % 2 == 0 ? $0 / 2 : half + $0 / 2] }
            return entry
        }
        try assertFails(
            try plans.verify(interleaved, data: plans.sameTexts),
            ofBoth("direction", "activations", "data direction") + ["effect"],
            saying: [
                "direction of 2.1": "interleaved rotation", "data direction of 4.2": "interleaved rotation",
            ])
    }

    /// CAA#3: steering began one token late.
    func testFirstTokenMissed() throws {
        let plans = try RecordedPlans()
        var late = plans.plan
        for index in late.plan.edits.indices { late.plan.edits[index].positions = .generated }
        let found = try plans.verify(late)
        try assertFails(found, ofBoth("positions") + ["effect"])
        let check = try found.check("positions of 2.1")
        guard case .positions(let positions)? = check.found, case .positions(let expected)? = check.expected else {
            return XCTFail("no positions")
        }
        XCTAssertEqual(expected.map { Array($0.dropFirst()) }, positions, "all but the first")
        XCTAssertEqual(expected[0].first, found.promptCounts[0] - 1)
    }

    /// CAA#2: the vector was added twice.
    func testMadeTwice() throws {
        let plans = try RecordedPlans()
        var twice = plans.plan
        twice.plan.edits += twice.plan.edits
        try assertFails(
            try plans.verify(twice), ofBoth("length") + ["edits", "effect"],
            saying: ["length of 2.1": "applied 2 times"])
    }

    func testStaleModel() throws {
        let plans = try RecordedPlans()
        let model = try changedModel()
        // The activations of 2.1 are of the other model; 4.2 is no longer what it was either, but for its direction.
        let found = try plans.verify(plans.plan, model: model)
        XCTAssertTrue(
            Set(found.failed).isSuperset(of: ["model", "logits without the plan", "activations of 2.1"]),
            "\(found.failed)")
        // A plan that was told to be of that model, as by a script that writes the fingerprint that is asked for.
        var forged = plans.plan
        forged.plan.model?.fingerprint = try model.fingerprint(workers: plans.planted.workers)
        try XCTAssertTrue(
            plans.verify(forged, model: model).check("model").note?
                .contains("plan and its record name different models") ?? false)
        forged.plan.record?.fingerprint = try XCTUnwrap(forged.plan.model?.fingerprint)
        let again = try plans.verify(forged, model: model)
        XCTAssertFalse(again.failed.contains("model"))
        XCTAssertTrue(
            Set(again.failed).isSuperset(of: ["logits without the plan", "activations of 2.1"]), "\(again.failed)")
    }

    func testLayerOffByOne() throws {
        let plans = try RecordedPlans()
        var off = plans.plan
        off.plan.edits[0].target = .head(Head(layer: 3, index: 1))
        let found = try plans.verify(off)
        let places = ["2.1", "3.1"].flatMap { head in ["direction", "length", "positions"].map { "\($0) of \(head)" } }
        try assertFails(
            found,
            places.filter { !["direction of 3.1", "length of 3.1"].contains($0) } + ["edits", "touched", "effect"],
            saying: ["direction of 2.1": "the plan doesn't edit it"])
        let touched = try found.check("touched")
        XCTAssertEqual(touched.found, .texts(["3.1", "4.2"]))
        XCTAssertEqual(touched.expected, .texts(["2.1", "4.2"]))
    }

    func testSpreadOfAnotherHead() throws {
        let plans = try RecordedPlans()
        let mixed = try plans.changingDirections { name, entry in
            var entry = entry
            if name == "2.1" { entry.sigma = plans.directions["2.0"]?.sigma }
            return entry
        }
        try assertFails(
            try plans.verify(mixed, data: plans.sameTexts), ["length of 2.1", "effect", "data sigma of 2.1"],
            saying: ["data sigma of 2.1": "the spread of 2.0"])
    }

    func testOtherPositions() throws {
        let plans = try RecordedPlans()
        var all = plans.plan
        all.plan.edits[1].positions = .all
        // What is written after the prompt is the same in these: nothing later reads 4.2 at the other positions.
        try assertFails(try plans.verify(all), ["positions of 4.2"])
        all.plan.edits[0].positions = .all
        try assertFails(try plans.verify(all), ofBoth("positions") + ["effect"])
    }

    /// What the edit would add to the stream, added there instead of at z: nearly the same effect, another intervention.
    func testOtherSite() throws {
        let plans = try RecordedPlans()
        let c = plans.planted.model.configuration
        var other = plans.plan
        let edit = try XCTUnwrap(plans.plan.plan.record?.edits[0])
        let z = try XCTUnwrap(edit.direction).map { Double($0) * (edit.amount ?? 0) }
        let output = plans.planted.model.outputProjection(layer: 2, head: 1)
        other.plan.edits[0] = PlannedEdit(
            .layer(2, .attentionOut), .add,
            direction: .inline(
                (0..<c.width).map { row in zip(output.row(row), z).reduce(0) { $0 + Double($1.0) * $1.1 } }),
            strength: 1, positions: .last)
        let found = try plans.verify(other)
        XCTAssertEqual(try found.check("touched").found, .texts(["attention-out.2", "4.2"]))
        XCTAssertTrue(Set(found.failed).isSuperset(of: ["touched", "direction of 2.1", "edits"]), "\(found.failed)")
        XCTAssertFalse(found.failed.contains("effect"), "the effect alone doesn't tell: \(found.checks)")
    }

    /// Six query heads of two key-value heads, numbered as if they took turns at them.
    func testHeadsInTheOrderOfKeyValueHeads() throws {
        let reference = try OperationReference("grouped")
        let model = try LanguageModel(contentsOf: FixtureLocation.fixtures.appending(path: "tiny-llamas/grouped"))
        let workers = WorkerPool(count: 2)
        let c = model.configuration
        XCTAssertGreaterThan(c.headGroups.size, 1)
        XCTAssertGreaterThan(c.kvHeads, 1)
        let head = Head(layer: 1, index: 1)
        let direction = try XCTUnwrap(
            reference.directions.names.compactMap { reference.directions[$0]?.vector }.first { $0.count == c.headSize })
        let plan = try LoadedPlan(
            InterventionPlan(edits: [
                PlannedEdit(head, .add, direction: .inline(direction.map(Double.init)), strength: 3, positions: .last)
            ])
        ).recorded(on: model, fingerprint: "sha256:0", prompts: [reference.prompt], workers: workers)
        var turned = plan
        let other = Head(layer: 1, index: head.index % c.kvHeads * c.headGroups.size + head.index / c.kvHeads)
        XCTAssertNotEqual(other, head)
        turned.plan.edits[0].target = .head(other)
        let found = try PlanVerifier(model, workers: workers).verify(turned)
        XCTAssertEqual(try found.check("touched").found, .texts(["\(other)"]))
        XCTAssertEqual(try found.check("touched").expected, .texts(["\(head)"]))
        XCTAssertTrue(
            Set(found.failed).isSuperset(of: ["touched", "effect", "direction of \(head)"]), "\(found.failed)")
    }

    /// The same mistakes in a plan without a record: data alone show them.
    func testMistakesWithoutARecord() throws {
        let plans = try RecordedPlans()
        var bare = plans.plan
        bare.plan.record = nil
        let other = DirectionCheck(activations: [.z: try heldOut(plans)])
        XCTAssertTrue(try plans.verify(bare, data: other).holds)
        for (change, words) in [
            ({ $0.map { -$0 } }, "opposite sign"),
            ({ v in v.indices.map { v[$0 % 2 == 0 ? $0 / 2 : v.count / 2 + $0 / 2] } }, "interleaved rotation"),
        ] as [(([Float]) -> [Float], String)] {
            var broken = try plans.changingDirections { _, entry in
                var entry = entry
                entry.vector = change(entry.vector)
                return entry
            }
            broken.plan.record = nil
            let found = try plans.verify(broken, data: plans.sameTexts)
            try assertFails(found, ofBoth("data direction"), saying: ["data direction of 2.1": words])
        }
        var mixed = try plans.changingDirections { name, entry in
            try XCTUnwrap(plans.directions[name == "2.1" ? "1.3" : name])
        }
        mixed.plan.record = nil
        try assertFails(
            try plans.verify(mixed, data: DirectionCheck(activations: [.z: plans.activations])),
            ["data direction of 2.1"], saying: ["data direction of 2.1": "the direction that these texts give for 1.3"])
    }

    private func heldOut(_ plans: RecordedPlans) throws -> LabelledActivations {
        let examples = try PlantedModel.examples("mood-test.jsonl")
        let collection = try plans.planted.collect(examples)
        return LabelledActivations(
            table: collection.table, rows: GroupedLabels(examples), residualNorms: collection.residualNorms)
    }

    /// The planted model with the values of layer 2 a twentieth larger.
    private func changedModel() throws -> LanguageModel {
        let file = try GGUFFile(contentsOf: PlantedModel.folder.appending(path: "planted.gguf"))
        let tensors = try file.tensors.map { tensor -> GGUFWriter.Tensor in
            guard tensor.name == "blk.2.attn_v.weight" else { return GGUFWriter.Tensor(copying: tensor) }
            let matrix = WeightMatrix(
                rows: tensor.shape[0], columns: tensor.shape[1], format: try tensor.format, bytes: tensor.bytes,
                owner: tensor.file)
            let values = matrix.unpacked().elements.map { 1.05 * $0 }
            return GGUFWriter.Tensor(name: tensor.name, shape: tensor.shape, format: .f32) { emit in
                try values.withUnsafeBytes(emit)
            }
        }
        let url = try makeTemporaryFolder().appending(path: "changed.gguf")
        try GGUFWriter(
            metadata: file.storedMetadata().map { (key: $0.key, value: GGUFWriterValue.stored($0.value)) },
            tensors: tensors
        ).write(to: url)
        return try LanguageModel(contentsOf: url)
    }
}
