import Foundation
import TensorCore
import XCTest
import _TestSupport

@testable import Transformer

/// Fingerprints, which saved plans hold: they must never change.
final class FingerprintTests: XCTestCase {
    private let workers = WorkerPool(count: 2)

    /// As computed by `Fixtures/planted/fingerprint.py`, whose first line is that of the program's first version.
    func testGoldenValues() throws {
        for (path, expected) in [
            ("planted/planted.gguf", "81c25da94260ce25226f1174423535fe053b9e83f9064f9963b1efbfd0f81269"),
            ("tiny-llamas/grouped.gguf", "51c9de59548189c2798d98fd3173c7610676e237097b5967c43c0ddd691c7703"),
        ] {
            let model = try LanguageModel(contentsOf: FixtureLocation.fixtures.appending(path: path))
            XCTAssertEqual(try model.fingerprint(workers: workers), "sha256:\(expected)", path)
        }
    }

    /// The text that is hashed, word by word.
    func testCanonicalText() throws {
        func text(_ path: String) throws -> String {
            try LanguageModel(contentsOf: FixtureLocation.fixtures.appending(path: path)).configuration.canonicalText
        }
        XCTAssertEqual(
            try text("tiny-llamas/grouped"),
            "LlamaConfiguration(architecture: \"llama\", layers: 3, heads: 6, kvHeads: 2, headSize: 8, width: 30, "
                + "feedForward: 32, vocabulary: 96, context: 256, normEpsilon: 1e-06, ropeBase: 10000.0, "
                + "ropeScaling: LlamaRuntime.RopeScaling.llama3(factor: 8.0, lowFrequencyFactor: 1.0, "
                + "highFrequencyFactor: 4.0, originalContext: 32.0), tiedEmbeddings: false)")
        let qwen = try text("families/qwen3").split(separator: "\n")
        XCTAssertEqual(qwen.dropFirst().first, "0.queryKeyNorm=head")
        XCTAssertTrue(qwen.dropFirst().allSatisfy { $0.contains("queryKeyNorm=head") }, "\(qwen)")
    }

    /// Everything that a block's description says has a say in the fingerprint.
    func testEveryPartOfTheDescriptionCounts() throws {
        let plain = try LanguageModel(contentsOf: FixtureLocation.fixtures.appending(path: "tiny-llamas/grouped"))
            .configuration
        var seen: Set<String> = [plain.canonicalText]
        func check(_ what: String, _ change: (inout ModelConfiguration) -> Void) {
            var changed = plain
            change(&changed)
            XCTAssertTrue(seen.insert(changed.canonicalText).inserted, "\(what) changes nothing")
        }
        check("the kind of norm") { $0.norm.kind = .layer }
        check("the embedding's multiplier") { $0.embedding.multiplier = 2 }
        check("learned positions") { $0.embedding.hasPositions = true }
        check("the logits' multiplier") { $0.unembedding.multiplier = 2 }
        check("the logits' cap") { $0.unembedding.softCap = 30 }
        check("the places of norms") { $0.blocks[1].norms = [.afterAttention, .afterMLP] }
        check("the residual's order") { $0.blocks[1].residual = .parallel }
        check("the residual's multiplier") { $0.blocks[1].residualMultiplier = 0.5 }
        check("a layer without rotation") { $0.blocks[1].attention.rotary = nil }
        check("a layer's own base") { $0.blocks[1].attention.rotary?.base = 5 }
        check("the rotated part") { for i in $0.blocks.indices { $0.blocks[i].attention.rotary?.size = 4 } }
        check("yarn") {
            $0.blocks[0].attention.rotary?.scaling = .yarn(YarnScaling(factor: 2, originalContext: 8, magnitude: 1))
        }
        check("a window") { $0.blocks[2].attention.window = 7 }
        check("the scale") { $0.blocks[2].attention.scale = 1 }
        check("attention's cap") { $0.blocks[2].attention.softCap = 50 }
        check("norms of queries and keys") { $0.blocks[2].attention.queryKeyNorm = .allHeads }
        check("norms of each head") { $0.blocks[2].attention.queryKeyNorm = .eachHead }
        check("clipping") { $0.blocks[2].attention.clip = 3 }
        check("sinks") { $0.blocks[2].attention.hasSinks = true }
        check("the activation") { $0.blocks[2].mlp = .gated(.gelu) }
        check("a plain MLP") { $0.blocks[2].mlp = .plain(.gelu) }
        let experts = ExpertsDescription(count: 4, perToken: 2, weighting: .overAll)
        check("experts") { $0.blocks[2].mlp = .experts(experts) }
        check("a limited gate") {
            var limited = experts
            limited.limitedGate = LimitedGate()
            $0.blocks[2].mlp = .experts(limited)
        }
    }
}
