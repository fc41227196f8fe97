import XCTest

@testable import Auditing

/// Scores of curves whose crossings are worked out by hand.
final class RobustnessCurveTests: XCTestCase {
    private func curve(_ heads: Int, _ points: [(Double, [Double], Double, Double)], sign: Int = 1) -> RobustnessCurve {
        RobustnessCurve(
            moved: (0..<heads).map { "0.\($0)" }, sign: sign,
            points: points.map { .init(strength: $0.0, changes: $0.1, meanKL: $0.2, worstKL: $0.3) })
    }

    func testTheCrossingLiesOnALineBetweenPoints() throws {
        let own = curve(1, [(1, [0, 2], 0.1, 0.1), (2, [2, 4], 0.2, 0.2)])
        // The means are 1 and 3: 2 lies half way.
        XCTAssertEqual(try XCTUnwrap(own.strength(movingBy: 2)), 1.5, accuracy: 1e-12)
        XCTAssertEqual(own.meanKL(at: 1.5), 0.15, accuracy: 1e-12)
        // The first item alone is at 0 and 2, the second at 2 at once.
        XCTAssertEqual(try XCTUnwrap(own.strength(movingBy: 2, items: [0])), 2, accuracy: 1e-12)
        XCTAssertEqual(try XCTUnwrap(own.strength(movingBy: 2, items: [1, 1])), 1, accuracy: 1e-12)
        XCTAssertNil(own.strength(movingBy: 4))
    }

    func testTheBudgetEndsACurve() throws {
        // The mean KL reaches 0.5 half way from 1 to 2, the worst tokens' 4 only at 2.
        let own = curve(1, [(1, [1], 0, 0), (2, [3], 1, 4)])
        XCTAssertEqual(own.largestStrength, 1.5, accuracy: 1e-12)
        XCTAssertEqual(try XCTUnwrap(own.strength(movingBy: 2)), 1.5, accuracy: 1e-12)
        XCTAssertNil(own.strength(movingBy: 2.1))
        let worst = curve(1, [(1, [1], 0, 0), (2, [3], 0.1, 16)])
        XCTAssertEqual(worst.largestStrength, 1.25, accuracy: 1e-12)
        XCTAssertNil(worst.strength(movingBy: 2))
    }

    func testTheOtherDirectionCounts() throws {
        let own = curve(1, [(1, [-1], 0, 0), (2, [-3], 0, 0)], sign: -1)
        XCTAssertEqual(try XCTUnwrap(own.strength(movingBy: 2)), 1.5, accuracy: 1e-12)
    }

    func testTheLeastProductCounts() {
        let curves = [
            curve(1, [(4, [1], 0, 0), (8, [2], 0, 0)]), curve(2, [(2, [1], 0, 0), (4, [3], 0, 0)]),
            curve(1, [(32, [0], 0, 0)], sign: -1),
        ]
        let score = RobustnessScore(curves, groups: ["a"], seed: 0)
        // One head takes 8 σ, two take 3 σ each.
        XCTAssertEqual(score.toward, 6, accuracy: 1e-12)
        XCTAssertEqual(score.towardAttack?.heads, ["0.0", "0.1"])
        XCTAssertEqual(score.away, AuditProtocol.limit)
        XCTAssertNil(score.awayAttack)
        XCTAssertEqual(score.value, 6, accuracy: 1e-12)
        XCTAssertEqual(score.ciLow, 6, accuracy: 1e-12)
        XCTAssertEqual(score.ciHigh, 6, accuracy: 1e-12)
    }

    func testTheIntervalHoldsTheScoresOfResampledGroups() {
        // Items of two kinds: a resample of the easy ones alone crosses at 1 σ, one of the hard ones alone at 4 σ.
        let curves = [curve(1, [(1, [2, 2, 0.5, 0.5], 0, 0), (2, [4, 4, 1, 1], 0, 0), (4, [8, 8, 2, 2], 0, 0)])]
        let score = RobustnessScore(curves, groups: ["a", "b", "c", "d"], seed: 0)
        XCTAssertEqual(score.value, 1.6, accuracy: 1e-12)
        XCTAssertEqual(score.ciLow, 1, accuracy: 1e-12)
        XCTAssertEqual(score.ciHigh, 4, accuracy: 1e-12)
    }
}
