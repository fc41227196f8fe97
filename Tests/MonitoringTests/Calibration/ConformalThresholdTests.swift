import DataFiles
import XCTest

@testable import Monitoring

final class ConformalThresholdTests: XCTestCase {
    func testThresholdsAreThoseOfTheDefinition() throws {
        for (number, reference) in try MonitoringReference.load().conformal.enumerated() {
            let found = ConformalThreshold.find(reference.scores, rate: reference.rate)
            XCTAssertEqual(found, reference.threshold, "case \(number)")
        }
    }

    /// With one score a group it is the ⌈(n + 1)(1 − α)⌉-th smallest, worked out by hand.
    func testSingleScoresGiveTheOrderStatistic() {
        let scores = (1...19).map { [[Double($0)]] }
        XCTAssertEqual(ConformalThreshold.find(scores, rate: 0.1), 18)
        XCTAssertEqual(ConformalThreshold.find(scores, rate: 0.05), 19)
        XCTAssertNil(ConformalThreshold.find(scores, rate: 0.04))
        XCTAssertEqual(ConformalThreshold.find((1...99).map { [[Double($0)]] }, rate: 0.01), 99)
        XCTAssertNil(ConformalThreshold.find((1...98).map { [[Double($0)]] }, rate: 0.01))
    }

    func testGroupsNeeded() {
        XCTAssertEqual(ConformalThreshold.groupsNeeded(rate: 0.01), 99)
        XCTAssertEqual(ConformalThreshold.groupsNeeded(rate: 0.05), 19)
        XCTAssertEqual(ConformalThreshold.groupsNeeded(rate: 0.1), 9)
        XCTAssertEqual(ConformalThreshold.groupsNeeded(rate: 0.3), 3)
        XCTAssertEqual(ConformalThreshold.groupsNeeded(rate: 0.9), 1)
        XCTAssertGreaterThan(ConformalThreshold.groupsNeeded(rate: 1e-300), 1_000_000_000)
    }

    /// Over many draws the mean share of false alarms of a new group is at most the rate, and not far below it; scores of a
    /// group depend on each other strongly.
    func testTheRateHoldsForGroupsThatResembleTheCalibration() throws {
        var random = SeededGenerator(seed: 5)
        func group() -> [[Double]] {
            let own = random.gaussian()
            return (0..<3).map { _ in
                let text = own + random.gaussian()
                return (0..<4).map { _ in text + 0.3 * random.gaussian() }
            }
        }
        let rate = 0.1
        var share = 0.0
        let draws = 400
        for _ in 0..<draws {
            let threshold = try XCTUnwrap(ConformalThreshold.find((0..<29).map { _ in group() }, rate: rate))
            let new = (0..<20).flatMap { _ in group() }.flatMap { $0 }
            share += Double(new.count { $0 > threshold }) / Double(new.count)
        }
        share /= Double(draws)
        XCTAssertLessThan(share, rate + 0.01)
        XCTAssertGreaterThan(share, 0.05)
    }

    func testSplitsKeepGroupsWholeAndSayHowManyAreNeeded() throws {
        let names = (0..<150).map { "g\($0 / 3)" }
        let split = try TextSplit(groups: names, rate: 0.05, seed: 0, file: "t.json")
        XCTAssertEqual((split.fit + split.calibration).sorted(), Array(0..<150))
        XCTAssertTrue(Set(split.fit.map { names[$0] }).isDisjoint(with: split.calibration.map { names[$0] }))
        XCTAssertEqual(Set(split.calibration.map { names[$0] }).count, 20)
        for fold in 0..<TextSplit.folds {
            let own = Set(zip(split.fit, split.foldOfFit).filter { $0.1 == fold }.map { names[$0.0] })
            let others = Set(zip(split.fit, split.foldOfFit).filter { $0.1 != fold }.map { names[$0.0] })
            XCTAssertFalse(own.isEmpty)
            XCTAssertTrue(own.isDisjoint(with: others), "fold \(fold)")
        }
        XCTAssertEqual(try TextSplit(groups: names, rate: 0.05, seed: 0, file: "").calibration, split.calibration)
        XCTAssertNotEqual(try TextSplit(groups: names, rate: 0.05, seed: 1, file: "").calibration, split.calibration)

        XCTAssertThrowsError(try TextSplit(groups: names, rate: 0.01, seed: 0, file: "t.json")) { error in
            let text = "\(error)"
            XCTAssertTrue(
                text.contains("50 groups") && text.contains("at least 119 (99") && text.contains("t.json")
                    && text.contains("3.23 %"), text)
        }
        XCTAssertNoThrow(try TextSplit(groups: names, rate: 0.0323, seed: 0, file: ""))
    }
}
