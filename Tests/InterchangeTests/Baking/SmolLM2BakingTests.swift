import Checkpoints
import Foundation
import Interchange
import TensorCore
import Transformer
import XCTest
import _TestSupport

/// The real model, whose output projections are stored in four bits: baked, run and brought back.
final class SmolLM2BakingTests: XCTestCase {
    func testBakingTheRealModel() throws {
        let original = try FixtureLocation.fetched(.smolLM2, onlyInRelease: true)
        let folder = try makeTemporaryFolder()
        let model = try LanguageModel(contentsOf: original)
        let workers = WorkerPool()
        let prompts = [[504, 3575, 282, 4649, 314], [57, 5588, 411, 1023, 28, 198, 1]]
        let unit = unitNoise(64, seed: 1)
        for (name, edits, isLarger) in [
            (
                "additions",
                [
                    Edit.z(layer: 10, head: 8, positions: .all, .add(unit)),
                    .z(layer: 14, head: 0, positions: .all, .add(unit.map { -2 * $0 })),
                ], false
            ),
            (
                "matrices",
                [
                    Edit.z(layer: 10, head: 8, positions: .all, .zero),
                    .z(layer: 20, head: 3, positions: .all, .projectOut(unit)),
                ], true
            ),
        ] {
            let (baked, back) = (folder.appending(path: "\(name).gguf"), folder.appending(path: "back.gguf"))
            try Bake(model, edits: edits, plan: "{}", workers: workers).write(to: baked)
            let check = try BakeVerification(
                baked: LanguageModel(contentsOf: baked), original: model, edits: edits, prompts: prompts,
                workers: workers)
            XCTAssertLessThan(check.maxLogitDifference, 1e-3, name)
            XCTAssertEqual(check.topAgreement, 1, name)
            let size = { (url: URL) in
                try FileManager.default.attributesOfItem(atPath: url.path)[.size] as? Int ?? 0
            }
            // Two vectors of 576 values and the names, or two matrices in full beside the originals.
            let growth = try size(baked) - size(original)
            XCTAssertTrue(
                isLarger ? (1_000_000..<3_000_000).contains(growth) : (4608..<8192).contains(growth),
                "\(name): \(growth) bytes")
            try Unbake.write(Checkpoint(contentsOf: baked), to: back, workers: workers)
            XCTAssertTrue(try Data(contentsOf: back) == Data(contentsOf: original), name)
        }
    }
}
