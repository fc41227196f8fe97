import DataFiles
import Directions
import Statistics
import XCTest

@testable import Probing

final class StatisticalPowerTests: XCTestCase {
    /// Of 2m groups, half of either class, (2m choose m) labellings make half as many areas: 2 / 20, 2 / 70 …
    func testFloors() {
        let rows = GroupedLabels(labels: (0..<18).map { $0 < 9 })
        let power = StatisticalPower(rows, heads: 1024)
        XCTAssertEqual(power.groupsForFloor, 8)
        // 2 / 12870 for 16 groups is above 0.05 / 1024, 2 / 48620 for 18 is below.
        XCTAssertEqual(power.groupsForUncorrectedFloor, 18)
        XCTAssertEqual([power.trueGroups, power.falseGroups], [9, 9])
        XCTAssertEqual(StatisticalPower(rows, heads: 1, level: 0.2).groupsForFloor, 6)
    }

    /// Noether's formula with z(1 − 0.05 / 270) = 3.5607 and z(0.8) = 0.8416 (scipy.stats.norm.ppf).
    func testGroupsForAnArea() throws {
        let rows = GroupedLabels(labels: (0..<96).map { $0 % 2 == 0 }, groups: (0..<96).map { $0 / 2 })
        let power = StatisticalPower(rows, heads: 270)
        XCTAssertEqual([power.trueGroups, power.falseGroups], [48, 48])
        let quantiles = 3.5607 + 0.8416
        XCTAssertEqual(
            try XCTUnwrap(power.detectableArea), 0.5 + quantiles * (1.0 / (6 * 48)).squareRoot(), accuracy: 1e-3)
        XCTAssertEqual(Double(power.groupsNeeded(forArea: 0.7)), quantiles * quantiles / (3 * 0.04), accuracy: 1.5)
        XCTAssertNil(StatisticalPower(GroupedLabels(labels: [true, false, true, false]), heads: 270).detectableArea)
    }

    /// The power of the test itself at the area that the formula names is about the power that it names.
    func testTheFormulaKeepsItsPromise() throws {
        let rows = GroupedLabels(labels: (0..<40).map { $0 % 2 == 0 })
        let power = StatisticalPower(rows, heads: 4)
        let area = try XCTUnwrap(power.detectableArea)
        let shift = normalQuantile(area) * 2.0.squareRoot()
        var found = 0
        for number in 0..<60 {
            var generator = SeededGenerator(seed: UInt64(number), stream: 9)
            let values = rows.labels.flatMap { label in
                (0..<4).map { Float(generator.gaussian() + ($0 == 0 && label ? shift : 0)) }
            }
            let table = try ActivationTable(values: values, examples: 40, layers: 1, heads: 4, headSize: 1)
            let report = try table.probeHeads(
                rows, options: ProbeOptions(repeats: 1, permutations: 99, controlTasks: 0, seed: UInt64(number)))
            if report.significant().contains(where: { $0.head.index == 0 }) { found += 1 }
        }
        // 80% of 60 give or take four standard errors.
        XCTAssertTrue((36...60).contains(found), "\(found) of 60")
    }
}
