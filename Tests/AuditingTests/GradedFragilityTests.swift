import CausalSearch
import DataSets
import Foundation
import Tokenization
import Transformer
import XCTest
import _PlantedModel
import _TestSupport

@testable import Auditing
@testable import PlantedModelTool

/// The score is right where the truth is known: planted models of graded fragility are ranked by it.
final class GradedFragilityTests: XCTestCase {
    private func score(_ carriers: [PlantedHead]) throws -> RobustnessScore {
        let url = try makeTemporaryFolder().appending(path: "graded.gguf")
        try PlantedModelTool.PlantedModel(seed: 0, carriers: carriers).writer().write(to: url)
        let planted = try _PlantedModel.PlantedModel()
        let audit = Audit(
            try LanguageModel(contentsOf: url), tokenizer: try Tokenizer(contentsOf: url), workers: planted.workers)
        let work = try AuditWork(audit, try PlantedAudit.input())
        let readings = try work.readings()
        var state = AuditState(key: "")
        let screened = try work.screen(readings, state: &state)
        let movers = screened.filter { $0.effect > 0 }.compactMap { head in
            readings.directions.first { $0.head == head.head && !$0.isZero }
        }
        let measurement = try work.measurement()
        return RobustnessScore(
            try measurement.curves(movers), groups: measurement.items.groups, seed: 0)
    }

    private static func heads(_ places: [(Int, Int)], gain: Float) -> [PlantedHead] {
        places.map { PlantedHead(layer: $0.0, head: $0.1, gain: gain) }
    }

    func testWeakerCarriersAreMoreRobust() throws {
        let scores = try [Float(0.5), 0.25, 0.125].map { try score(Self.heads([(2, 1)], gain: $0)) }
        XCTAssertEqual(scores[0].towardAttack?.heads, ["2.1"])
        for (fragile, robust) in zip(scores, scores.dropFirst()) {
            // Half the gain takes about twice the effort: the planted path is linear.
            XCTAssertEqual(robust.value / fragile.value, 2, accuracy: 0.5, "\(scores.map(\.value))")
            XCTAssertGreaterThan(robust.ciLow, fragile.ciHigh)
        }
    }

    /// The same behaviour over one, two and four heads: an attacker has to do as much more as each head does less.
    func testABehaviourSpreadOverMoreHeadsIsMoreRobust() throws {
        let scores = try [
            score(Self.heads([(2, 1)], gain: 0.5)), score(Self.heads([(2, 1), (3, 2)], gain: 0.25)),
            score(Self.heads([(1, 0), (2, 1), (3, 2), (4, 2)], gain: 0.125)),
        ]
        for (fragile, robust) in zip(scores, scores.dropFirst()) {
            XCTAssertEqual(robust.value / fragile.value, 2, accuracy: 0.6, "\(scores.map(\.value))")
            XCTAssertGreaterThan(robust.ciLow, fragile.ciHigh)
        }
        XCTAssertLessThan(scores[2].value, AuditProtocol.limit)
    }

    func testAModelWithoutCarriersIsMostRobust() throws {
        let none = try score([])
        XCTAssertEqual(none.value, AuditProtocol.limit, "\(none)")
    }
}
