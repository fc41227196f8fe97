import DataFiles
import Directions
import Statistics
import XCTest

@testable import Probing

/// Areas by matrix products against those of directions fitted one by one.
final class RelabelledAreasTests: XCTestCase {
    private func features(_ rows: Int, _ columns: Int, seed: UInt64) -> FeatureRows {
        var generator = SeededGenerator(seed: seed)
        return FeatureRows(values: (0..<rows * columns).map { _ in generator.gaussian() + 3 }, columns: columns)
    }

    func testProductsGiveTheAreasOfSingleFits() throws {
        // Pairs, and rows of their own; more and fewer rows than columns; more rows than are counted by pairs.
        for (rows, columns, isPaired) in [(20, 4, true), (25, 40, false), (150, 3, false)] {
            let labels = (0..<rows).map { $0 % 2 == 0 }
            let grouped = GroupedLabels(labels: labels, groups: (0..<rows).map { isPaired ? $0 / 2 : $0 })
            let folds = try GroupedFolds(grouped, wanted: 3, seed: 1)
            let possible = Relabellings(grouped, within: folds)
            var generator = SeededGenerator(seed: 2)
            let labellings = [labels] + (0..<150).map { _ in possible.draw(&generator) }
            let head = features(rows, columns, seed: UInt64(rows))
            let areas = RelabelledAreas(labellings, folds: folds).areas(head)
            let single = MassMeanCrossValidation(head)
            for (area, labelling) in zip(areas, labellings) {
                let scores = single.scores(labelling, folds: folds)
                let expected = try XCTUnwrap(AreaUnderROC(scores: scores, labels: labelling)).value
                XCTAssertEqual(area, expected, accuracy: 3 / Double(rows * rows), "\(rows) rows")
            }
        }
    }

    /// Σ_total⁻¹ θ, by definition and by products, on rows with a strong direction that says nothing.
    func testDiscriminantAreas() throws {
        var head = features(40, 5, seed: 4)
        for row in 0..<40 { head.values[row * 5] *= 30 }
        let labels = (0..<40).map { $0 % 2 == 0 }
        let folds = try GroupedFolds(GroupedLabels(labels: labels), wanted: 4, seed: 1)
        let inverses = try (0..<4).map { try inverseShrunkCovariance(head.selecting(folds.trainingRows(ofFold: $0))) }
        let area = RelabelledAreas([labels], folds: folds).areas(head, inverses: inverses)[0]
        var scores = [Double](repeating: 0, count: 40)
        for fold in 0..<4 {
            let training = folds.trainingRows(ofFold: fold)
            let means = head.selecting(training).classMeans(training.map { labels[$0] })
            let theta = massMeanDirection(means)
            let weights = (0..<5).map { row in
                (0..<5).reduce(0) { $0 + Double(inverses[fold][row * 5 + $1]) * theta[$1] }
            }
            let middle = zip(means.ofTrue, means.ofFalse).map { ($0 + $1) / 2 }
            for row in folds.testRows(ofFold: fold) {
                scores[row] = (dot(weights[...], head[row]) - dot(weights, middle)) / dot(weights, weights).squareRoot()
            }
        }
        XCTAssertEqual(
            area, try XCTUnwrap(AreaUnderROC(scores: scores, labels: labels)).value, accuracy: 1.0 / 400)
    }
}
