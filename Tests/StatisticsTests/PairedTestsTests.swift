import DataFiles
import Foundation
import XCTest
import _TestSupport

@testable import Statistics

/// Paired tests against scipy (`Fixtures/evaluation/paired_tests.py`).
final class PairedTestsTests: XCTestCase {
    private func reference() throws -> JSONObject {
        try JSONObject(contentsOf: FixtureLocation.fixtures.appending(path: "evaluation/paired-tests.json"))
    }

    func testSignAndWilcoxon() throws {
        let samples = try XCTUnwrap(try reference().objects("samples"))
        XCTAssertGreaterThan(samples.count, 8)
        for sample in samples {
            let differences = try XCTUnwrap(sample.doubles("differences"))
            let expected = try XCTUnwrap(sample.object("wilcoxon"))
            let wilcoxon = WilcoxonTest(differences)
            let what = "\(differences.count) differences"
            XCTAssertEqual(wilcoxon.statistic, try XCTUnwrap(expected.double("statistic")), accuracy: 1e-9, what)
            XCTAssertEqual(wilcoxon.isExact, try expected.bool("exact"), what)
            let p = try XCTUnwrap(expected.double("p"))
            XCTAssertEqual(wilcoxon.p, p, accuracy: 1e-11 * p + 1e-15, what)

            let signs = try XCTUnwrap(sample.object("sign"))
            let sign = SignTest(differences)
            XCTAssertEqual(sign.positive, try signs.integer("positive"), what)
            XCTAssertEqual(sign.negative, try signs.integer("negative"), what)
            let signP = try XCTUnwrap(signs.double("p"))
            XCTAssertEqual(sign.p, signP, accuracy: 1e-11 * signP, what)
        }
    }

    func testSignFlips() throws {
        for sample in try XCTUnwrap(try reference().objects("signFlips")) {
            let differences = try XCTUnwrap(sample.doubles("differences"))
            let test = SignFlipTest(differences, groups: try XCTUnwrap(sample.strings("groups")))
            XCTAssertTrue(test.isExact)
            XCTAssertEqual(
                test.p, try XCTUnwrap(sample.double("p")), accuracy: 1e-12, "\(differences.count) differences")
            XCTAssertEqual(test.mean, differences.reduce(0, +) / Double(differences.count), accuracy: 1e-12)
        }
    }

    /// Random choices come near the normal approximation, and their seed fixes them.
    func testManySignFlips() throws {
        let sample = try XCTUnwrap(try reference().object("manyFlips"))
        let differences = try XCTUnwrap(sample.doubles("differences"))
        let test = SignFlipTest(differences, seed: 3)
        XCTAssertFalse(test.isExact)
        let p = try XCTUnwrap(sample.double("p"))
        XCTAssertEqual(test.p, p, accuracy: 4 * (p * (1 - p) / 10_000).squareRoot() + 0.003)
        XCTAssertEqual(test, SignFlipTest(differences, seed: 3))
        XCTAssertNotEqual(test.p, SignFlipTest(differences, seed: 4).p)
        XCTAssertEqual(SignFlipTest(differences.map { $0 + 9 }, permutations: 99).p, 0.01, accuracy: 1e-15)
    }

    func testNothing() {
        XCTAssertEqual(SignTest([]).p, 1)
        XCTAssertEqual(WilcoxonTest([0, 0]).p, 1)
        XCTAssertEqual(SignFlipTest([]).p, 1)
        XCTAssertEqual(SignFlipTest([0, 0]).p, 1)
    }

    func testMcNemar() throws {
        // scipy.stats.binomtest(1, 8).pvalue = 18/256.
        let before = [Bool](repeating: false, count: 7) + [true, true, false]
        let after = [Bool](repeating: true, count: 7) + [false, true, false]
        let test = McNemarTest(before: before, after: after)
        XCTAssertEqual([test.gained, test.lost], [7, 1])
        XCTAssertEqual(test.p, 18.0 / 256, accuracy: 1e-14)
    }

    func testNewcombe() throws {
        for example in try XCTUnwrap(try reference().objects("newcombe")) {
            let table = try XCTUnwrap(example.integers("table"))
            // The script's first share is the one that we call after.
            let after = table.enumerated().flatMap { [Bool](repeating: $0 < 2, count: $1) }
            let before = table.enumerated().flatMap { [Bool](repeating: $0 == 0 || $0 == 2, count: $1) }
            let interval = PairedProportions(before: before, after: after)
            for (actual, key) in [
                (interval.difference, "difference"), (interval.ciLow, "low"), (interval.ciHigh, "high"),
            ] {
                XCTAssertEqual(actual, try XCTUnwrap(example.double(key)), accuracy: 1e-10, "\(table), \(key)")
            }
        }
    }

    func testHolm() throws {
        for example in try XCTUnwrap(try reference().objects("holm")) {
            let adjusted = holm(try XCTUnwrap(example.doubles("p")))
            for (actual, expected) in zip(adjusted, try XCTUnwrap(example.doubles("adjusted"))) {
                XCTAssertEqual(actual, expected, accuracy: 1e-15)
            }
        }
        XCTAssertEqual(holm([]), [])
    }

    func testPairedChange() {
        let groups = ["a", "a", "b", "b"]
        let change = PairedChange(before: [0, 0, 1, 1], after: [1, 3, 0, 1], groups: groups)
        XCTAssertEqual(change.items, 4)
        XCTAssertEqual(change.change.mean, 0.75)
        XCTAssertEqual(change.movedWrongWay.share, 0.25)
        // The groups' sums are 4 and −1: no choice of signs comes nearer to zero.
        XCTAssertEqual(change.signFlip.p, 1)
        XCTAssertEqual([change.sign.positive, change.sign.negative], [1, 1])
        XCTAssertEqual(change.wilcoxon.statistic, 2)
        let wanted = PairedChange(before: [0, 0, 1, 1], after: [1, 3, 0, 1], groups: groups, intended: -1)
        XCTAssertEqual(wanted.movedWrongWay.share, 0.5)
        XCTAssertEqual(wanted.signFlip, change.signFlip)
    }
}
