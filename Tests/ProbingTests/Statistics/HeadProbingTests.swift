import DataFiles
import Directions
import Statistics
import TensorCore
import Transformer
import XCTest

@testable import Probing

final class HeadProbingTests: XCTestCase {
    /// Noise in every head, and a shift of the class `true` along the first feature of one head.
    private func table(
        _ rows: GroupedLabels, heads: Int, headSize: Int, planted: Int? = nil, shift: Double = 2, seed: UInt64
    ) throws -> ActivationTable {
        var generator = SeededGenerator(seed: seed)
        var values: [Float] = []
        for label in rows.labels {
            for head in 0..<heads {
                for feature in 0..<headSize {
                    let gap = head == planted && feature == 0 && label ? shift : 0
                    values.append(Float(generator.gaussian() + gap))
                }
            }
        }
        return try ActivationTable(
            values: values, examples: rows.labels.count, layers: 1, heads: heads, headSize: headSize)
    }

    /// Scores from sums over folds equal those of directions fitted one by one.
    func testCrossValidationFromSums() throws {
        var generator = SeededGenerator(seed: 12)
        for round in 0..<10 {
            let labels = (0..<26).map { _ in generator.uniform() < 0.4 } + [true, true, false, false]
            let rows = GroupedLabels(labels: labels, groups: (0..<30).map { $0 < 26 ? $0 / 2 : $0 })
            let table = try table(
                rows, heads: 1, headSize: round < 5 ? 3 : 20, planted: 0, shift: 1, seed: UInt64(round))
            let features = FeatureRows(table[Head(layer: 0, index: 0)])
            let folds = try GroupedFolds(rows, wanted: 4, seed: UInt64(round))
            let scores = MassMeanCrossValidation(features).scores(labels, folds: folds)
            for fold in 0..<folds.count {
                let training = folds.trainingRows(ofFold: fold)
                let direct = try LinearScore.fit(
                    .massMean, to: features.selecting(training), rows.selecting(training),
                    random: HeadRandomness(Head(layer: 0, index: 0), seed: 0)
                ).normalised()
                for row in folds.testRows(ofFold: fold) {
                    XCTAssertEqual(
                        scores[row], direct.score(features[row]), accuracy: 1e-12, "round \(round), row \(row)")
                }
            }
        }
    }

    func testPlantedHeadIsFoundByEveryDetector() throws {
        let rows = GroupedLabels(labels: (0..<40).map { $0 % 2 == 0 }, groups: (0..<40).map { $0 / 2 })
        let table = try table(rows, heads: 6, headSize: 4, planted: 4, shift: 4, seed: 13)
        for estimator in [DirectionEstimator.massMean, .logistic, .lda] {
            let report = try table.probeHeads(rows, options: ProbeOptions(estimator: estimator, permutations: 49))
            let best = report.heads[0]
            XCTAssertEqual(best.head, Head(layer: 0, index: 4), "\(estimator)")
            XCTAssertGreaterThan(best.auroc, 0.95, "\(estimator)")
            XCTAssertGreaterThan(best.accuracy, 0.85, "\(estimator)")
            XCTAssertGreaterThan(try XCTUnwrap(best.selectivity), 0.25, "\(estimator)")
            XCTAssertTrue(best.ciLow < best.auroc && best.auroc <= best.ciHigh && best.ciLow > 0.8, "\(best)")
            XCTAssertEqual(try XCTUnwrap(best.p), 0.02, accuracy: 1e-12, "\(estimator)")
            XCTAssertEqual(try XCTUnwrap(best.q), 0.12, accuracy: 1e-12, "\(estimator)")
            let noise = report.heads.dropFirst()
            XCTAssertTrue(noise.allSatisfy { !$0.isSignificant() && $0.auroc < 0.85 }, "\(noise)")
            for head in report.heads {
                let own = try XCTUnwrap(head.unadjustedP)
                XCTAssertTrue(try XCTUnwrap(head.p) >= own && XCTUnwrap(head.q) >= own, "\(head)")
            }
            XCTAssertEqual(report.heads.map(\.auroc), report.heads.map(\.auroc).sorted(by: >))
        }
    }

    func testReportSaysWhatItRestsOn() throws {
        let rows = GroupedLabels(labels: [true, true, true, false, false, false])
        let table = try table(rows, heads: 2, headSize: 2, planted: 0, shift: 100, seed: 14)
        var steps: [Int] = []
        let report = try table.probeHeads(rows, options: ProbeOptions(folds: 5, permutations: 50, seed: 1)) {
            done, all in
            steps.append(done * 10 + all)
        }
        XCTAssertEqual(steps, [12, 22])
        XCTAssertTrue(report.isExact)
        // Each of three folds has one row of either class.
        XCTAssertEqual(report.relabellings, 8)
        XCTAssertEqual(report.smallestP, 0.25, "each labelling and its mirror image give the same area")
        XCTAssertEqual([report.folds, report.groups, report.examples], [3, 6, 6])
        XCTAssertEqual(report.heads[0].head, Head(layer: 0, index: 0))
        XCTAssertEqual(report.heads[0].auroc, 1)
        XCTAssertEqual(report.heads[0].p, 0.25)
        XCTAssertTrue(report.significant().isEmpty, "no head is called below the floor that the data allow")
        XCTAssertEqual(report, try table.probeHeads(rows, options: ProbeOptions(folds: 5, permutations: 50, seed: 1)))
    }

    func testWithoutPermutationsNothingIsTested() throws {
        let rows = GroupedLabels(labels: [true, true, true, false, false, false])
        let table = try table(rows, heads: 2, headSize: 2, planted: 0, shift: 100, seed: 14)
        let report = try table.probeHeads(rows, options: ProbeOptions(permutations: 0, controlTasks: 0))
        for head in report.heads {
            XCTAssertNil(head.p)
            XCTAssertNil(head.q)
            XCTAssertNil(head.selectivity)
            XCTAssertFalse(head.isSignificant())
        }
        XCTAssertNil(report.smallestP)
        let fields = try XCTUnwrap(
            JSONSerialization.jsonObject(with: JSONEncoder().encode(report.heads[0])) as? [String: Any])
        XCTAssertEqual(
            Set(fields.keys),
            [
                "layer", "head", "auroc", "accuracy", "balancedAccuracy", "ciLow", "ciHigh", "p", "q", "selectivity",
                "unadjustedP", "accuracyLow", "accuracyHigh", "balancedAccuracyLow", "balancedAccuracyHigh",
            ])
        XCTAssertTrue(fields["p"] is NSNull, "\(fields)")
        XCTAssertEqual(report, try JSONDecoder().decode(ProbeReport.self, from: JSONEncoder().encode(report)))
    }

    /// Same bits for any number of workers, for every estimator.
    func testWorkersDoNotMatter() throws {
        let rows = GroupedLabels(labels: (0..<24).map { $0 % 2 == 0 }, groups: (0..<24).map { $0 / 2 })
        let table = try table(rows, heads: 9, headSize: 5, planted: 3, shift: 1, seed: 21)
        let workers = WorkerPool(count: 3)
        for estimator in DirectionEstimator.allCases {
            let options = ProbeOptions(estimator: estimator, permutations: 39, seed: 5)
            let alone = try table.probeHeads(rows, options: options)
            XCTAssertEqual(alone, try table.probeHeads(rows, options: options, workers: workers), "\(estimator)")
            XCTAssertEqual(
                try table.directions(estimator, rows: rows, seed: 5),
                try table.directions(estimator, rows: rows, seed: 5, workers: workers), "\(estimator)")
        }
    }

    func testConstantHeadSaysNothing() throws {
        let rows = GroupedLabels(labels: (0..<12).map { $0 % 2 == 0 }, groups: (0..<12).map { $0 / 2 })
        for (size, estimator) in [2, 20].flatMap({ size in DirectionEstimator.allCases.map { (size, $0) } }) {
            let table = try ActivationTable(
                values: Array(repeating: 0.1, count: 12 * size), examples: 12, layers: 1, heads: 1, headSize: size)
            let report = try table.probeHeads(rows, options: ProbeOptions(estimator: estimator, permutations: 19))
            let head = report.heads[0]
            XCTAssertEqual(head.balancedAccuracy, 0.5, accuracy: 1e-12, "\(estimator), \(size) features")
            XCTAssertEqual(head.p, 1, "\(estimator), \(size) features")
            if estimator != .random {
                XCTAssertEqual(head.auroc, 0.5, accuracy: 1e-12, "\(estimator), \(size) features")
            }
        }
    }

    /// Pairs of equal rows with opposite labels: whichever pairs train, their class means are the same.
    func testEqualClassMeansGiveZeroScores() throws {
        var generator = SeededGenerator(seed: 16)
        for size in [3, 20] {
            let values = (0..<8).flatMap { _ in
                let row = (0..<size).map { _ in Float(generator.gaussian() * 1000) }
                return row + row
            }
            let rows = GroupedLabels(labels: (0..<16).map { $0 % 2 == 0 }, groups: (0..<16).map { $0 / 2 })
            let head = try HeadActivations(Head(layer: 0, index: 0), values: values, features: size)
            let folds = try GroupedFolds(rows, wanted: 4, seed: 1)
            let scores = MassMeanCrossValidation(FeatureRows(head)).scores(rows.labels, folds: folds)
            XCTAssertEqual(scores, Array(repeating: 0, count: 16), "\(size) features")
        }
    }

    /// Folds made for other labels may leave one class alone to train on, which is then taken for granted.
    func testTrainingRowsOfOneClass() throws {
        var generator = SeededGenerator(seed: 17)
        let rows = GroupedLabels(labels: [true, false, true, false, true, false])
        let folds = try GroupedFolds(rows, wanted: 3, seed: 2)
        for size in [2, 20] {
            let values = (0..<6 * size).map { _ in Float(generator.gaussian()) }
            let head = MassMeanCrossValidation(
                FeatureRows(try HeadActivations(Head(layer: 0, index: 0), values: values, features: size)))
            for label in [true, false] {
                let labels = folds.foldOfRow.map { $0 == 1 ? label : !label }
                let scores = head.scores(labels, folds: folds)
                for row in folds.testRows(ofFold: 1) {
                    XCTAssertEqual(scores[row], label ? -1 : 1, "\(size) features, row \(row)")
                }
            }
        }
    }

    func testOneClassAndBadOptionsAreErrors() throws {
        let rows = GroupedLabels(labels: [true, true, true, true])
        let table = try table(rows, heads: 1, headSize: 2, seed: 15)
        XCTAssertThrowsError(try table.probeHeads(rows)) {
            XCTAssertTrue("\($0)".contains("no example with the label false"), "\($0)")
        }
        for options in [
            ProbeOptions(permutations: -1), ProbeOptions(controlTasks: -1), ProbeOptions(folds: 1),
            ProbeOptions(repeats: 0),
        ] {
            XCTAssertThrowsError(
                try table.probeHeads(GroupedLabels(labels: [true, true, false, false]), options: options)
            ) {
                XCTAssertEqual(($0 as? InputError)?.kind.general, .usage, "\($0)")
            }
        }
    }

    /// A direction of labels that mean nothing doesn't tell the real ones apart, however plain these are.
    func testShuffledLabelsFindNothing() throws {
        let labels = (0..<40).map { $0 % 2 == 0 }
        let table = try ActivationTable(
            values: labels.flatMap { [$0 ? 5 : 0, 1] as [Float] }, examples: 40, layers: 1, heads: 1, headSize: 2)
        func area(_ estimator: DirectionEstimator) throws -> Double {
            try table.probeHeads(
                GroupedLabels(labels: labels, groups: (0..<40).map { $0 / 2 }),
                options: ProbeOptions(estimator: estimator, permutations: 0, controlTasks: 0)
            ).heads[0].auroc
        }
        XCTAssertEqual(try area(.massMean), 1)
        XCTAssertLessThan(try area(.labelShuffled), 0.9)
    }
}
