import Transformer
import XCTest

@testable import HeadSteerBench

/// Where the time of a pass is counted.
final class ProfileTests: XCTestCase {
    func testEveryStageTakesTimeAndTheyMakeUpTheWhole() throws {
        let own = try makeTinyModel(layers: 3)
        let run = Run(own.model, workers: own.workers)
        run.sequences = [own.model.makeSequence(promptCount: 40)]
        let tokens = Workload(own.configuration).tokens(40)
        var profile = PassProfile()
        let seconds = try Stopwatch.seconds {
            profile = try PassProfile.measure(run, workers: own.workers) {
                try run.advance([Step(tokens: tokens)])
            }
        }
        for stage in ProfileStage.allCases { XCTAssertGreaterThan(profile.seconds[stage] ?? 0, 0, stage.rawValue) }
        XCTAssertLessThanOrEqual(profile.total, seconds)
        XCTAssertGreaterThan(profile.total, 0.9 * seconds)
        XCTAssertNil(run.onSite, "a run that goes on being watched")
        XCTAssertEqual(profile.waits.count, 2)
        for waits in profile.waits {
            XCTAssertGreaterThan(waits.count, 0)
            XCTAssertTrue((0..<seconds).contains(waits.seconds), "\(waits.seconds) s of \(seconds) s")
        }
    }

    func testSitesComeInTheOrderOfTheComputation() throws {
        let own = try makeTinyModel(layers: 2)
        let run = Run(own.model, workers: own.workers)
        run.sequences = [own.model.makeSequence(promptCount: 2)]
        var sites: [SiteKind] = []
        run.onSite = { sites.append($0) }
        try run.advance([Step(tokens: [1, 2])])
        let block: [SiteKind] = [
            .residualPre, .query, .key, .value, .rotatedQuery, .rotatedKey, .z, .attentionOut, .residualMid, .mlpPre,
            .mlpPreLinear, .mlpPost, .mlpOut, .residualPost,
        ]
        XCTAssertEqual(sites, block + block + [.logits])
    }

    func testAllMatricesBelongToAStage() throws {
        let own = try makeTinyModel(layers: 2)
        let tensors = try own.model.checkpoint.tensors()
        let unread = tensors.filter { ProfileStage(tensor: $0.name, tied: true) == nil }.map(\.name)
        XCTAssertEqual(
            unread,
            [
                "blk.0.attn_norm.weight", "blk.0.ffn_norm.weight", "blk.1.attn_norm.weight", "blk.1.ffn_norm.weight",
                "output_norm.weight",
            ])
        XCTAssertEqual(ProfileStage(tensor: "model.layers.3.self_attn.q_proj.weight", tied: true), .queriesKeysValues)
        XCTAssertEqual(ProfileStage(tensor: "model.layers.3.mlp.down_proj.weight", tied: true), .down)
        XCTAssertNil(ProfileStage(tensor: "token_embd.weight", tied: false))
        XCTAssertEqual(ProfileStage(tensor: "token_embd.weight", tied: true), .logits)
        XCTAssertNil(ProfileStage(tensor: "blk.0.attn_q.bias", tied: true))
    }

    func testRatesAreOfTheStagesWeights() throws {
        let own = try makeTinyModel(layers: 2)
        let text = try ProfiledModel(own, rounds: 1).decode(after: 3, tokens: 2).text(.bytes)
        let lines = text.split(separator: "\n")
        let stages = 1 + ProfileStage.allCases.count + 1
        XCTAssertEqual(lines.count, stages + 2, text)
        XCTAssertTrue(lines.suffix(2).allSatisfy { $0.contains("wait") }, text)
        // Only stages with products have a rate, between their share and their speed-up.
        let rated = lines.prefix(stages).dropFirst().filter {
            $0.split(whereSeparator: \.isWhitespace).dropLast(2).last != "%"
        }
        XCTAssertEqual(rated.count, 6, text)
    }
}
