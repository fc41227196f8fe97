import DataFiles
import XCTest
import _TestSupport

@testable import Statistics

final class IntervalTests: XCTestCase {
    func testPerfectRankingIsNotCertain() throws {
        let area = try XCTUnwrap(
            AreaUnderROC(scores: [1, 2, 3, 4, 5, 6], labels: [false, false, false, true, true, true]))
        XCTAssertEqual(area.value, 1)
        let interval = area.interval()
        // Newcombe's bound by scipy.optimize.brentq (`Fixtures/statistics/intervals.py`).
        XCTAssertEqual(interval.low, 0.5010187607015301, accuracy: 1e-9)
        XCTAssertEqual(interval.high, 1)
        XCTAssertNil(AreaUnderROC(scores: [1, 2], labels: [true, true]))
    }

    /// Newcombe's bounds near 1 and the cluster-adjusted Wilson interval against Python.
    func testReference() throws {
        struct Reference: Decodable {
            struct Area: Decodable {
                var trues, falses: Int
                var value, low: Double
            }
            struct Accuracy: Decodable {
                var shares: [Double]
                var groups: [Int]
                var low, high: Double
            }
            var areas: [Area]
            var accuracies: [Accuracy]
        }
        let file = FixtureLocation.fixtures.appending(path: "statistics/intervals.json")
        let reference = try JSONDecoder().decode(Reference.self, from: Data(contentsOf: file))
        XCTAssertEqual(reference.areas.count, 4)
        for test in reference.areas {
            // Perfect ranks but for the last true row, which is below one false row or none.
            let labels = (0..<test.falses).map { _ in false } + (0..<test.trues).map { _ in true }
            var scores = labels.indices.map { Double($0) }
            if test.value < 1 { scores[test.falses] = Double(test.falses) - 1.5 }
            let area = try XCTUnwrap(AreaUnderROC(scores: scores, labels: labels))
            XCTAssertEqual(area.value, test.value, accuracy: 1e-12)
            let interval = area.interval()
            XCTAssertLessThanOrEqual(interval.low, test.low + 1e-9, "\(test)")
            if test.value == 1 { XCTAssertEqual(interval.low, test.low, accuracy: 1e-9, "\(test)") }
            XCTAssertGreaterThanOrEqual(interval.high, test.value)
        }
        XCTAssertEqual(reference.accuracies.count, 3)
        for test in reference.accuracies {
            let interval = ConfidenceInterval.wilson(of: test.shares, groups: Groups(test.groups))
            XCTAssertEqual(interval.low, test.low, accuracy: 1e-9, "\(test)")
            XCTAssertEqual(interval.high, test.high, accuracy: 1e-9, "\(test)")
        }
    }

    /// 95% intervals of an area of known size hold it in about 95% of simulated data sets: for independent rows, and for
    /// groups of three nearly equal rows, where the interval for independent rows would be far too narrow.
    func testCoverage() throws {
        var generator = SeededGenerator(seed: 9)
        // Normal scores one standard deviation apart: Φ(1 / √2).
        let truth = 0.7602499389065233
        var (single, grouped, wrong) = (0, 0, 0)
        let rounds = 300
        for _ in 0..<rounds {
            var scores: [Double] = []
            var labels: [Bool] = []
            for row in 0..<40 {
                labels.append(row % 2 == 0)
                scores.append(generator.gaussian() + (row % 2 == 0 ? 1 : 0))
            }
            let interval = try XCTUnwrap(AreaUnderROC(scores: scores, labels: labels)).interval()
            if interval.low <= truth && truth <= interval.high { single += 1 }

            let copies = scores.flatMap { score in (0..<3).map { _ in score + 0.01 * generator.gaussian() } }
            let rows = GroupedLabels(labels: labels.flatMap { [$0, $0, $0] }, groups: (0..<120).map { $0 / 3 })
            let area = try XCTUnwrap(AreaUnderROC(scores: copies, labels: rows.labels))
            let clustered = area.interval(groups: rows.groups)
            if clustered.low <= truth && truth <= clustered.high { grouped += 1 }
            let naive = area.interval()
            if naive.low <= truth && truth <= naive.high { wrong += 1 }
        }
        // 95% ± 4 standard errors.
        XCTAssertTrue((270...300).contains(single), "\(single) of \(rounds)")
        XCTAssertTrue((270...300).contains(grouped), "\(grouped) of \(rounds)")
        XCTAssertLessThan(wrong, 250, "of \(rounds)")
    }

    /// The mean of grouped values: the standard error is that of the group means.
    func testBootstrapOverGroups() throws {
        var generator = SeededGenerator(seed: 10)
        let means = (0..<30).map { _ in generator.gaussian() }
        let values = means.flatMap { [$0, $0] }
        let groups = Groups(values.indices.map { $0 / 2 })
        let mean = { (sample: [Int]) in sample.reduce(0) { $0 + values[$1] } / Double(sample.count) }
        let interval = try XCTUnwrap(groupedBootstrapInterval(groups, resamples: 2000, seed: 1, statistic: mean))
        let centre = means.reduce(0, +) / 30
        let error = (means.reduce(0) { $0 + ($1 - centre) * ($1 - centre) } / 30 / 30).squareRoot()
        XCTAssertEqual(interval.low, centre - 1.96 * error, accuracy: 0.15 * error)
        XCTAssertEqual(interval.high, centre + 1.96 * error, accuracy: 0.15 * error)
        XCTAssertEqual(interval, groupedBootstrapInterval(groups, resamples: 2000, seed: 1, statistic: mean))
        XCTAssertNil(groupedBootstrapInterval(groups, resamples: 5) { _ in nil })
    }

    /// Drawing the same item again and again would give an interval of no width, which looks like certainty.
    func testOneItemOrGroupGivesNoInterval() throws {
        XCTAssertNil(groupedBootstrapInterval(Groups(["a", "a"]), resamples: 5) { Double($0.count) })
        for values in [[3.0], [3, 4]] {
            let mean = MeanWithInterval(values, groups: values.map { _ in "a" }, seed: 0)
            XCTAssertNil(mean.interval, "\(mean)")
            XCTAssertFalse(mean.isAboveZero)
            let written = try JSONSerialization.jsonObject(with: JSONEncoder().encode(mean)) as? [String: Any]
            XCTAssertTrue(written?["ciLow"] is NSNull && written?["ciHigh"] is NSNull, "\(written ?? [:])")
            XCTAssertEqual(try JSONDecoder().decode(MeanWithInterval.self, from: JSONEncoder().encode(mean)), mean)
        }
        let one = MeanWithInterval([3], groups: ["a"], seed: 0)
        XCTAssertEqual(one.intervalText(items: 1) { "\($0)" }, "no interval: one item")
        XCTAssertEqual(one.intervalText { "\($0)" }, "no interval: one group")
        XCTAssertEqual(MeanWithInterval([3, 3], groups: ["a", "b"], seed: 0).intervalText { "\($0)" }, "3.0 … 3.0")
    }

    /// The intervals of several means are those that each has by itself.
    func testBootstrapOfSeveralMeans() throws {
        var generator = SeededGenerator(seed: 11)
        let groups = Groups([0, 0, 1, 2, 2, 2, 3, 4])
        let columns = (0..<3).map { _ in (0..<groups.rows).map { _ in generator.gaussian() } }
        let together = groupedBootstrapIntervals(groups, ofMeans: columns, resamples: 300, seed: 4)
        let single = columns.map { column in
            groupedBootstrapInterval(groups, resamples: 300, seed: 4) { sample in
                sample.reduce(0) { $0 + column[$1] } / Double(sample.count)
            }
        }
        XCTAssertEqual(together, single)
        XCTAssertEqual(groupedBootstrapIntervals(Groups(rows: 0), ofMeans: [[]]), [nil])
    }
}
