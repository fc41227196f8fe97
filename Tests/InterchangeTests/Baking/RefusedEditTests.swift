import Foundation
import Interchange
import Transformer
import XCTest
import _TestSupport

/// Edits that weights can't hold.
final class RefusedEditTests: XCTestCase {
    func testEachRefusalNamesTheEditAndTheRemedy() throws {
        let test = try TestModel(TestModel.planted)
        let c = test.configuration
        let unit = unitNoise(c.headSize, seed: 1)
        let wide = unitNoise(c.width, seed: 2)
        let gate = Gate(.z(0), head: 0, direction: unit, threshold: 0)
        func z(_ change: Change, _ positions: PositionRule = .all) -> Edit {
            .z(layer: 1, head: 3, positions: positions, change)
        }
        var kept = z(.add(unit))
        kept.keepsNorm = true
        var scheduled = z(.add(unit))
        scheduled.schedule = .decay(rate: 0.5)
        var gated = z(.add(unit))
        gated.gate = gate
        let cases: [(Edit, String)] = [
            (z(.rotate(unit, degrees: 10)), "affine"), (z(.custom { _, _ in }), "affine"), (kept, "norm"),
            (scheduled, "constant"), (gated, "gate"), (z(.add(unit), .last), "--at-all-positions"),
            (z(.zero, .prompt), "--at-all-positions"), (z(.zero, .tokens([3])), "--at-all-positions"),
            (z(.zero, .range(from: 0, to: 5)), "--at-all-positions"),
            (Edit(.residualPost(1), positions: .all, .add(wide)), "hook_resid"),
            (Edit(.residualMid(1), positions: .all, .add(wide)), "hook_resid"),
            (Edit(.mlpOut(1), positions: .all, .add(wide)), "mlp"),
            (Edit(.finalNorm, positions: .all, .zero), "ln_final"),
            (Edit(.value(1), head: 0, positions: .all, .zero), "hook_v"),
        ]
        for (edit, words) in cases {
            assertRefused(saying: "plan.json: edits[1]", "can't hold", words) {
                _ = try Bake(
                    test.model, edits: [z(.scale(2)), edit], plan: "{}", place: "plan.json", workers: test.workers)
            }
        }
        assertRefused(saying: "head 1.3") {
            _ = try Bake(test.model, edits: [z(.rotate(unit, degrees: 10))], plan: "{}", workers: test.workers)
        }
        assertRefused(saying: "layer 1", "NaN or infinite", "smaller strengths") {
            _ = try Bake(
                test.model, edits: [z(.add(unit.map { _ in 3e38 })), z(.scale(1e38))], plan: "{}", workers: test.workers
            )
        }
    }

    /// Other positions are baked on request alone, and the model says so.
    func testAtAllPositions() throws {
        let test = try TestModel(TestModel.planted)
        let url = try makeTemporaryFolder().appending(path: "baked.gguf")
        let vector = noise(test.configuration.headSize, seed: 3)
        let edits = [Edit.z(layer: 2, head: 1, positions: .last, .add(vector))]
        try Bake(test.model, edits: edits, plan: "{}", everywhere: true, workers: test.workers).write(to: url)
        let baked = try LanguageModel(contentsOf: url)
        XCTAssertEqual(try BakeRecord(baked.checkpoint)?.isEverywhere, true)
        let everywhere = try test.logits([.z(layer: 2, head: 1, positions: .all, .add(vector))])
        let logits = try TestModel.logits(baked, test.prompts[0], [], test.workers)
        assertClose(logits.elements, everywhere.elements, absolute: 1e-4, "as the edit of all positions")
        XCTAssertGreaterThan(Difference(logits.elements, try test.logits(edits).elements).value, 1e-2)
        // Where edits depend on the text there is nothing to allow.
        var scheduled = edits[0]
        scheduled.schedule = .first(3)
        assertRefused(saying: "constant") {
            _ = try Bake(test.model, edits: [scheduled], plan: "{}", everywhere: true, workers: test.workers)
        }
    }

    func testFoldersAreNotWrittenOver() throws {
        let test = try TestModel(TestModel.sharded)
        let folder = try makeTemporaryFolder()
        let bake = try Bake(test.model, edits: [], plan: "{}", workers: test.workers)
        let taken = folder.appending(path: "taken")
        try FileManager.default.createDirectory(at: taken, withIntermediateDirectories: false)
        try bake.write(to: taken)
        assertRefused(saying: "taken already") { try bake.write(to: taken) }
        assertRefused(saying: "no folder that can be written to") { try bake.write(to: folder.appending(path: "a/b")) }
        XCTAssertEqual(try FileManager.default.contentsOfDirectory(atPath: folder.path), ["taken"])
    }
}
