import DataFiles
import Directions
import Statistics
import XCTest

@testable import Probing

/// All folds at once in float32 against one after the other in double precision.
final class LogisticCrossValidationTests: XCTestCase {
    func testFoldsAtOnceAreFoldsOneByOne() throws {
        let cases: [(name: String, rows: Int, columns: Int, gap: Double, scale: Double)] = [
            ("more rows than columns", 90, 12, 0.4, 1), ("fewer rows than columns", 24, 40, 0.3, 1),
            ("separable", 60, 6, 6, 1), ("large features", 60, 10, 0.5, 300), ("small features", 60, 10, 0.5, 1e-3),
            ("several blocks of columns", 150, 70, 0.5, 1), ("a head of real size", 40, 128, 0.2, 1),
            ("features beyond float32's squares", 40, 6, 0.5, 1e25),
        ]
        for (number, test) in cases.enumerated() {
            var generator = SeededGenerator(seed: UInt64(number))
            let labels = (0..<test.rows).map { $0 % 3 == 0 }
            let values = labels.flatMap { label in
                (0..<test.columns).map { column -> Double in
                    let noise = generator.gaussian() * (column % 4 == 0 ? 3 : 1)
                    return (noise + (label ? test.gap : 0) + 5) * test.scale
                }
            }
            let rows = FeatureRows(values: values, columns: test.columns)
            let grouped = GroupedLabels(labels: labels)
            let folds = try GroupedFolds(grouped, wanted: 4, seed: 3)
            let scores = try LogisticCrossValidation(rows, folds: folds).scores(labels)
            for fold in 0..<folds.count {
                let training = folds.trainingRows(ofFold: fold)
                let score = try logisticRegression(
                    rows.selecting(training), labels: training.map { labels[$0] }
                ).normalised()
                let spread = folds.testRows(ofFold: fold).map { abs(score.score(rows[$0])) }.max() ?? 1
                for row in folds.testRows(ofFold: fold) {
                    XCTAssertEqual(
                        scores[row], score.score(rows[row]), accuracy: 1e-4 * spread, "\(test.name), row \(row)")
                }
            }
        }
    }

    func testSameLabelsGiveTheSameBits() throws {
        var generator = SeededGenerator(seed: 11)
        let labels = (0..<50).map { $0 % 2 == 0 }
        let rows = FeatureRows(
            values: labels.flatMap { label in (0..<9).map { _ in generator.gaussian() + (label ? 0.5 : 0) } },
            columns: 9)
        let folds = try GroupedFolds(GroupedLabels(labels: labels), wanted: 5, seed: 1)
        let probes = LogisticCrossValidation(rows, folds: folds)
        let first = try probes.scores(labels)
        _ = try probes.scores(labels.map(!))
        XCTAssertEqual(try probes.scores(labels), first)
        XCTAssertEqual(try LogisticCrossValidation(rows, folds: folds).scores(labels), first)
    }

    /// A training set of one class alone has no regression; the others go on.
    func testATrainingSetOfOneClassTakesItForGranted() throws {
        // Fold 0 tests all rows of the class `true`.
        let labels = [true, true, false, false, false, false]
        let rows = FeatureRows(values: [3, 4, 1, 2, 0, 1], columns: 1)
        let folds = GroupedFolds(count: 2, foldOfRow: [0, 0, 0, 1, 1, 1])
        let scores = try LogisticCrossValidation(rows, folds: folds).scores(labels)
        XCTAssertEqual(Array(scores[0..<3]), [-1, -1, -1])
        let score = try logisticRegression(rows.selecting([0, 1, 2]), labels: [true, true, false]).normalised()
        for row in 3..<6 { XCTAssertEqual(scores[row], score.score(rows[row]), accuracy: 1e-4, "row \(row)") }
    }
}
