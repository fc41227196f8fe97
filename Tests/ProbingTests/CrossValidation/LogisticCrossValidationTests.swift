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
}
