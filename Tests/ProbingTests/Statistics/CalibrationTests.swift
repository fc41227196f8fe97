import DataFiles
import XCTest

@testable import Probing

/// The rate of false calls where there is nothing to find.
final class CalibrationTests: XCTestCase {
    private func falseCalls(_ rows: GroupedLabels, dataSets: Int, groupNoise: Double) throws -> Int {
        var calls = 0
        for number in 0..<dataSets {
            var generator = SeededGenerator(seed: 100 + UInt64(number))
            let offsets = rows.rowsOfGroup.map { _ in (0..<3 * 3).map { _ in groupNoise * generator.gaussian() } }
            let values = rows.groupOfRow.flatMap { group in offsets[group].map { Float($0 + generator.gaussian()) } }
            let table = try ActivationTable(
                values: values, examples: rows.labels.count, layers: 1, heads: 3, headSize: 3)
            // Labels are dealt anew, in the way that the test takes for possible.
            let labels = Relabellings(rows).draw(&generator)
            let report = try table.probeHeads(
                GroupedLabels(labels: labels, groups: rows.groupOfRow),
                options: ProbeOptions(folds: 3, permutations: 19, controlTasks: 1, seed: UInt64(number)))
            if report.heads.contains(where: { $0.p <= 0.05 }) { calls += 1 }
        }
        return calls
    }

    /// Of 200 data sets 5% are called, within the 99.9% interval of the binomial distribution: 2 to 21.
    func testFamilyWiseErrorForIndependentRows() throws {
        let rows = GroupedLabels(labels: (0..<16).map { $0 % 2 == 0 })
        let calls = try falseCalls(rows, dataSets: 200, groupNoise: 0)
        XCTAssertTrue((2...21).contains(calls), "\(calls) of 200")
    }

    /// Rows of a group nearly the same, labels by group: rows taken for independent would be called far more often.
    func testFamilyWiseErrorForGroups() throws {
        let rows = GroupedLabels(labels: (0..<20).map { $0 < 10 }, groups: (0..<20).map { $0 / 2 })
        let calls = try falseCalls(rows, dataSets: 200, groupNoise: 3)
        XCTAssertTrue((2...21).contains(calls), "\(calls) of 200")
    }

    /// Pairs with both labels.
    func testFamilyWiseErrorForPairs() throws {
        let rows = GroupedLabels(labels: (0..<16).map { $0 % 2 == 0 }, groups: (0..<16).map { $0 / 2 })
        let calls = try falseCalls(rows, dataSets: 200, groupNoise: 3)
        XCTAssertTrue((2...21).contains(calls), "\(calls) of 200")
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
        XCTAssertEqual(mean(\.selectivity), 0, accuracy: 0.06)
    }
}
