import Checkpoints
import Foundation
import Interchange
import Intervention
import Transformer
import XCTest
import _TestSupport

/// Control vectors against NumPy's products and llama.cpp's logits (`Fixtures/interchange/make_control_vector.py`).
final class ControlVectorTests: XCTestCase {
    private static let folder = FixtureLocation.fixtures.appending(path: "interchange/control-vector")

    private func plan(_ test: TestModel) throws -> [Edit] {
        try LoadedPlan(
            contentsOf: Self.folder.appending(path: "plan.json"), model: test.model, workers: test.workers
        ).edits(test.model.configuration)
    }

    private func expected() throws -> SafetensorsFile {
        try SafetensorsFile(contentsOf: Self.folder.appending(path: "expected.safetensors"))
    }

    func testHeadsOfALayerAddUp() throws {
        let test = try TestModel(TestModel.planted)
        let vector = try ControlVector(nearest: try plan(test), model: test.model)
        XCTAssertEqual(vector.directions.keys.sorted(), [2, 4])
        for layer in [2, 4] {
            assertClose(
                vector.directions[layer] ?? [], try expected().floats("direction.\(layer)"), relative: 1e-6,
                "layer \(layer)")
        }
        XCTAssertEqual(vector.losses.count, 4, "\(vector.losses)")
        XCTAssertEqual(vector.losses.filter { $0.contains("block's own MLP") }.count, 3)
        XCTAssertTrue(vector.losses[3].contains("edits[3] (head 0.0) is left out"), vector.losses[3])
    }

    /// llama.cpp with the vector is our addition after those blocks, to the rounding of its half-precision products.
    func testLlamaCppAddsAfterTheBlock() throws {
        let test = try TestModel(TestModel.planted)
        let reference = try expected()
        let ids = try reference.floats("ids").map { Int($0) }
        let (plain, steered) = try (reference.floats("plain"), reference.floats("steered"))
        XCTAssertGreaterThan(Difference(plain, steered).value, 1)
        assertClose(
            try TestModel.logits(test.model, ids, [], test.workers).elements, plain, absolute: 0.01, "without an edit")
        let vector = try ControlVector(nearest: try plan(test), model: test.model)
        func added(_ site: (Int) -> Site, offset: Int = 0) throws -> [Float] {
            let edits = vector.directions.map { Edit(site($0 + offset), positions: .all, .add($1)) }
            return try TestModel.logits(test.model, ids, edits, test.workers).elements
        }
        assertClose(try added(Site.residualPost), steered, absolute: 0.01, "after the block")
        // It is neither the next block nor the one before, nor before the MLP, as the plan would have it.
        for (what, other) in [
            ("a block later", try added(Site.residualPost, offset: 1)),
            ("a block earlier", try added(Site.residualPost, offset: -1)),
            ("in the attention's output", try added(Site.attentionOut)),
        ] {
            XCTAssertGreaterThan(Difference(other, steered).value, 0.2, what)
        }
    }

    func testTheFileIsAsLlamaCppReadsIt() throws {
        let test = try TestModel(TestModel.planted)
        let url = try makeTemporaryFolder().appending(path: "vector.gguf")
        let vector = try ControlVector(nearest: try plan(test), model: test.model)
        try vector.write(to: url)
        let file = try GGUFFile(contentsOf: url)
        XCTAssertEqual(try file.metadata.string("general.architecture"), "controlvector")
        XCTAssertEqual(try file.metadata.string("controlvector.model_hint"), "llama")
        XCTAssertEqual(try file.metadata.integer("controlvector.layer_count"), 2)
        XCTAssertEqual(try file.metadata["headsteer.losses"]?.array?.strings(), vector.losses)
        XCTAssertEqual(file.tensors.map(\.name), ["direction.2", "direction.4"])
        for tensor in file.tensors {
            XCTAssertEqual(try tensor.format, .f32)
            XCTAssertEqual(tensor.shape, [test.configuration.width])
        }
        let stored = file.tensors[1].bytes.withMemoryRebound(to: Float.self) { Array($0) }
        XCTAssertEqual(stored, vector.directions[4])
    }

    /// Additions in the residual stream go over exactly; all else is named.
    func testWhatIsExactAndWhatIsLost() throws {
        let test = try TestModel(TestModel.grouped)
        let c = test.configuration
        let wide = noise(c.width, seed: 1)
        func exact(_ edit: Edit) throws -> ControlVector { try ControlVector(nearest: [edit], model: test.model) }
        for (site, layer) in [(Site.residualPost(1), 1), (.mlpOut(2), 2), (.residualPre(2), 1)] {
            let vector = try exact(Edit(site, positions: .all, .add(wide)))
            XCTAssertEqual(vector.losses, [], "\(site)")
            XCTAssertEqual(vector.directions, [layer: wide], "\(site)")
            let live = try test.logits([Edit(site, positions: .all, .add(wide))])
            let after = try test.logits([Edit(.residualPost(layer), positions: .all, .add(wide))])
            assertClose(after.elements, live.elements, absolute: 1e-5, "\(site)")
        }
        let all = try ControlVector(
            nearest: [Edit(.z(1), positions: .all, .add(noise(c.heads * c.headSize, seed: 2)))], model: test.model)
        let each = try ControlVector(
            nearest: (0..<c.heads).map { head in
                let values = noise(c.heads * c.headSize, seed: 2)
                return .z(
                    layer: 1, head: head, positions: .all,
                    .add(Array(values[(head * c.headSize)..<((head + 1) * c.headSize)])))
            }, model: test.model)
        assertClose(all.directions[1] ?? [], each.directions[1] ?? [], relative: 1e-6, "all heads at once")

        var lossy = Edit(.residualPost(1), positions: .last, .add(wide))
        lossy.keepsNorm = true
        lossy.schedule = .first(3)
        lossy.gate = Gate(.residualPre(1), direction: wide, threshold: 0)
        let vector = try ControlVector(
            nearest: [
                lossy, .z(layer: 1, head: 0, positions: .all, .zero),
                Edit(.value(1), head: 0, positions: .all, .add(noise(c.headSize, seed: 3))),
            ],
            model: test.model)
        XCTAssertEqual(vector.directions, [1: wide])
        for words in ["every token", "no schedule", "no gate", "norm", "can only add", "not in the residual stream"] {
            XCTAssertEqual(vector.losses.filter { $0.contains(words) }.count, 1, "\(words): \(vector.losses)")
        }
        for edits in [
            [], [Edit.z(layer: 1, head: 0, positions: .all, .zero)],
            [Edit(.residualPost(0), positions: .all, .add(wide))],
        ] {
            assertRefused(saying: "no edit that a control vector can express") {
                _ = try ControlVector(nearest: edits, model: test.model)
            }
        }
    }
}
