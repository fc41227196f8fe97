import CausalSearch
import DataSets
import Directions
import Foundation
import HeadSteerTesting
import Tokenization
import Transformer
import XCTest
import _TestSupport

@testable import Auditing

/// The score is right where the truth is known: planted models of graded fragility are ranked by it.
final class GradedFragilityTests: XCTestCase {
    private func score(_ carriers: [PlantedHead]) throws -> RobustnessScore {
        let url = try makeTemporaryFolder().appending(path: "graded.gguf")
        try PlantedModel.write(to: url, carriers: carriers)
        let planted = try PlantedModel()
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
        let curves = try measurement.curves(movers)
        checkThatOthersDoNotFit(curves, of: movers, measurement)
        return RobustnessScore(curves, groups: measurement.items.groups, seed: 0)
    }

    /// Curves of other heads, strengths or items than those that are measured aren't taken from a state.
    private func checkThatOthersDoNotFit(
        _ curves: [RobustnessCurve], of movers: [HeadDirection], _ measurement: RobustnessMeasurement
    ) {
        XCTAssertTrue(measurement.fit(curves, of: movers))
        let base = measurement.base
        let changes: [(String, (inout RobustnessCurve) -> Void)] = [
            ("another head", { $0.moved[0] = "99.0" }), ("another sign", { $0.sign = .max }),
            ("another strength", { $0.points[0].strength = 1e300 }),
            ("no change of an item", { $0.points[0].changes.removeLast() }),
            ("changes without a mean", { $0.points[0].changes = base.map { _ in .greatestFiniteMagnitude } }),
        ]
        for (name, change) in changes {
            var others = curves
            change(&others[others.count - 1])
            XCTAssertFalse(measurement.fit(others, of: movers), name)
        }
        XCTAssertFalse(measurement.fit(Array(curves.dropLast()), of: movers), "a curve less")
    }

    private static func heads(_ places: [(Int, Int)], gain: Float) -> [PlantedHead] {
        places.map { PlantedHead(layer: $0.0, head: $0.1, gain: gain) }
    }

    /// One head; the same head with a quarter of the gain; and the first one's behaviour spread over four heads. An attacker has to
    /// do four times as much in both: the planted path is linear.
    func testWeakerAndSpreadCarriersAreMoreRobust() throws {
        let fragile = try score(Self.heads([(2, 1)], gain: 0.5))
        XCTAssertEqual(fragile.towardAttack?.heads, ["2.1"])
        let weaker = try score(Self.heads([(2, 1)], gain: 0.125))
        let spread = try score(Self.heads([(1, 0), (2, 1), (3, 2), (4, 2)], gain: 0.125))
        for (name, robust) in [("weaker", weaker), ("spread", spread)] {
            XCTAssertEqual(
                robust.value / fragile.value, 4, accuracy: 1, "\(name): \(robust.value) beside \(fragile.value)")
            XCTAssertGreaterThan(robust.ciLow, fragile.ciHigh, name)
            XCTAssertLessThan(robust.value, AuditProtocol.limit, name)
        }
    }
}
