import DataFiles
import Directions
import Statistics
import XCTest

@testable import Probing

/// The rate of false calls where there is nothing to find.
final class CalibrationTests: XCTestCase {
    /// In how many simulated data sets some head is called at the level 0.05.
    private struct Calls {
        /// By the p value of max-T.
        var adjusted = 0
        /// By the p values of single heads.
        var unadjusted = 0
    }

    /// Simulates data sets whose labels are dealt in the way that the test takes for possible; the class `true` is shifted in
    /// one feature of the first head.
    /// - Parameter isolated: takes rows of a group for independent.
    private func calls(
        _ rows: GroupedLabels, heads: Int = 3, groupNoise: Double = 0, shift: Double = 0, isolated: Bool = false,
        dataSets: Int = 200
    ) throws -> Calls {
        var calls = Calls()
        for number in 0..<dataSets {
            var generator = SeededGenerator(seed: 100 + UInt64(number))
            let labels = Relabellings(rows).draw(&generator)
            let offsets = rows.groups.rowsOfGroup.map { _ in
                (0..<heads * 3).map { _ in groupNoise * generator.gaussian() }
            }
            let values = zip(rows.groups.groupOfRow, labels).flatMap { group, label in
                offsets[group].indices.map { column in
                    Float(offsets[group][column] + generator.gaussian() + (column == 0 && label ? shift : 0))
                }
            }
            let table = try ActivationTable(
                values: values, examples: rows.labels.count, layers: 1, heads: heads, headSize: 3)
            let report = try table.probeHeads(
                isolated
                    ? GroupedLabels(labels: labels) : GroupedLabels(labels: labels, groups: rows.groups.groupOfRow),
                options: ProbeOptions(folds: 3, repeats: 1, permutations: 19, controlTasks: 0, seed: UInt64(number)))
            if report.heads.contains(where: { $0.isSignificant() }) { calls.adjusted += 1 }
            if report.heads.contains(where: { ($0.unadjustedP ?? 1) <= 0.05 }) { calls.unadjusted += 1 }
        }
        return calls
    }

    /// Of 200 data sets 5% are called, within the 99.9% interval of the binomial distribution (2 to 21); without the
    /// correction for six heads it would be 1 − 0.95⁶ = 26%.
    func testFamilyWiseErrorForIndependentRows() throws {
        let calls = try calls(GroupedLabels(labels: (0..<16).map { $0 % 2 == 0 }), heads: 6)
        XCTAssertTrue((2...21).contains(calls.adjusted), "\(calls.adjusted) of 200")
        XCTAssertTrue((33...74).contains(calls.unadjusted), "\(calls.unadjusted) of 200")
    }

    /// Rows of a group nearly the same, labels by group: rows taken for independent are called far too often.
    func testFamilyWiseErrorForGroups() throws {
        let rows = GroupedLabels(labels: (0..<20).map { $0 < 10 }, groups: (0..<20).map { $0 / 2 })
        let calls = try calls(rows, groupNoise: 3)
        XCTAssertTrue((2...21).contains(calls.adjusted), "\(calls.adjusted) of 200")
        let isolated = try self.calls(rows, groupNoise: 3, isolated: true, dataSets: 100)
        XCTAssertGreaterThan(isolated.adjusted, 30, "of 100")
    }

    /// Pairs with both labels.
    func testFamilyWiseErrorForPairs() throws {
        let rows = GroupedLabels(labels: (0..<16).map { $0 % 2 == 0 }, groups: (0..<16).map { $0 / 2 })
        let calls = try calls(rows, groupNoise: 3)
        XCTAssertTrue((2...21).contains(calls.adjusted), "\(calls.adjusted) of 200")
    }

    func testPowerRisesWithTheShift() throws {
        let rows = GroupedLabels(labels: (0..<20).map { $0 % 2 == 0 })
        let power = try [0.0, 1.5, 3].map { try calls(rows, shift: $0, dataSets: 60).adjusted }
        XCTAssertLessThanOrEqual(power[0], 10, "of 60")
        XCTAssertGreaterThan(power[1], power[0] + 10, "of 60")
        XCTAssertGreaterThan(power[2], power[1], "of 60")
        XCTAssertGreaterThan(power[2], 57, "of 60")
    }

    /// Out-of-fold accuracy of noise lies around one half, and so does the control task's.
    func testNoiseIsNotMistakenForSignal() throws {
        var generator = SeededGenerator(seed: 16)
        let rows = GroupedLabels(labels: (0..<30).map { $0 % 2 == 0 })
        let heads = 40
        let values = (0..<30 * heads * 20).map { _ in Float(generator.gaussian()) }
        let table = try ActivationTable(values: values, examples: 30, layers: 1, heads: heads, headSize: 20)
        let report = try table.probeHeads(rows, options: ProbeOptions(permutations: 0))
        let mean = { (path: KeyPath<HeadProbeResult, Double>) in
            report.heads.reduce(0) { $0 + $1[keyPath: path] } / Double(heads)
        }
        XCTAssertEqual(mean(\.accuracy), 0.5, accuracy: 0.06)
        XCTAssertEqual(mean(\.auroc), 0.5, accuracy: 0.06)
        let selectivity = report.heads.reduce(0) { $0 + ($1.selectivity ?? .nan) } / Double(heads)
        XCTAssertEqual(selectivity, 0, accuracy: 0.06)
    }
}
