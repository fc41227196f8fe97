import Foundation
import Statistics
import TensorCore
import Transformer
import XCTest
import _TestSupport

@testable import Directions
@testable import Probing

/// Every estimator on three heads of a real model, against scikit-learn and numpy (`Fixtures/statistics/real_heads.py`).
final class RealHeadTests: XCTestCase {
    private struct Reference: Decodable {
        struct Estimator: Decodable {
            var weights, scores: [Double]
            var threshold, sigma, withinClassSigma, sigmaOnOther, auroc, accuracy, balancedAccuracy: Double
        }
        struct Head: Decodable {
            var estimators: [String: Estimator]
            var cosine, mahalanobisCosine, firstOnSecond, secondOnFirst: Double
        }
        var folds: [Int]
        var isFirstSet: [Bool]
        var values: [Head]
    }

    private func load() throws -> (activations: LabelledActivations, reference: Reference) {
        let folder = FixtureLocation.fixtures.appending(path: "statistics")
        let reference = try JSONDecoder().decode(
            Reference.self, from: Data(contentsOf: folder.appending(path: "real-heads.json")))
        let activations = try LabelledActivations(contentsOf: folder.appending(path: "real-heads.safetensors"))
        XCTAssertEqual(activations.table.layers, 3)
        XCTAssertEqual(activations.table.examples, 96)
        XCTAssertEqual(activations.rows.groups.rowsOfGroup.count, 48)
        return (activations, reference)
    }

    private func selecting(_ rows: [Int], _ activations: LabelledActivations) throws -> LabelledActivations {
        let table = activations.table
        let size = table.layers * table.heads * table.headSize
        let values = rows.flatMap { table.values[$0 * size..<($0 + 1) * size] }
        return LabelledActivations(
            table: try ActivationTable(
                values: values, examples: rows.count, layers: table.layers, heads: table.heads,
                headSize: table.headSize),
            rows: activations.rows.selecting(rows), residualNorms: [])
    }

    func testDirectionsSpreadsAndThresholds() throws {
        let (activations, reference) = try load()
        let other = try selecting(reference.isFirstSet.indices.filter { reference.isFirstSet[$0] }, activations)
        for (layer, head) in reference.values.enumerated() {
            for (name, expected) in head.estimators {
                let estimator = try XCTUnwrap(DirectionEstimator(rawValue: name))
                let what = "\(name), head \(layer)"
                let own = activations.table[Head(layer: layer, index: 0)]
                let direction = try HeadDirection(fitting: estimator, to: own, rows: activations.rows)
                let largest = expected.weights.map(abs).max() ?? 0
                assertClose(direction.vector, expected.weights.map { Float($0) }, relative: 1e-4, what)
                XCTAssertGreaterThan(largest, 0)
                XCTAssertEqual(direction.sigma, expected.sigma, accuracy: 1e-4 * expected.sigma, what)
                XCTAssertEqual(
                    direction.withinClassSigma, expected.withinClassSigma, accuracy: 1e-4 * expected.sigma, what)
                XCTAssertEqual(direction.threshold, expected.threshold, accuracy: 1e-4 * expected.sigma, what)
                let elsewhere = try HeadDirection(
                    fitting: estimator, to: own, rows: activations.rows,
                    spread: other.table[Head(layer: layer, index: 0)])
                XCTAssertEqual(
                    elsewhere.sigma, expected.sigmaOnOther, accuracy: 1e-4 * expected.sigma, "σ of other rows, \(what)")
                XCTAssertEqual(elsewhere.vector, direction.vector, "the direction is that of its own rows")
            }
        }
    }

    /// Out-of-fold scores with the reference's folds.
    func testCrossValidatedScores() throws {
        let (activations, reference) = try load()
        let folds = GroupedFolds(count: 5, foldOfRow: reference.folds)
        let rows = activations.rows
        for (layer, head) in reference.values.enumerated() {
            for (name, expected) in head.estimators {
                let estimator = try XCTUnwrap(DirectionEstimator(rawValue: name))
                let what = "\(name), head \(layer)"
                let probe = try HeadCrossValidation(
                    FeatureRows(activations.table[Head(layer: layer, index: 0)]), rows, folds: folds,
                    estimator: estimator,
                    random: HeadRandomness(Head(layer: layer, index: 0), seed: 0))
                let scores = try probe.scores(rows.labels)
                assertClose(
                    scores.map { Float($0) }, expected.scores.map { Float($0) },
                    absolute: 1e-4 * expected.sigma, "scores, \(what)")
                let area = try XCTUnwrap(AreaUnderROC(scores: scores, labels: rows.labels))
                // Rounding may turn over two rows of nearly equal scores.
                XCTAssertEqual(area.value, expected.auroc, accuracy: 2.0 / (48 * 48), what)
                let counts = DecisionCounts(scores: scores, labels: rows.labels)
                XCTAssertEqual(counts.accuracy, expected.accuracy, accuracy: 1e-12, what)
                XCTAssertEqual(counts.balancedAccuracy, expected.balancedAccuracy, accuracy: 1e-12, what)
            }
        }
    }

    func testComparison() throws {
        let (activations, reference) = try load()
        let indices = Array(reference.isFirstSet.indices)
        let first = try selecting(indices.filter { reference.isFirstSet[$0] }, activations)
        let second = try selecting(indices.filter { !reference.isFirstSet[$0] }, activations)
        let comparison = try first.compare(with: second)
        XCTAssertEqual(comparison.count, reference.values.count)
        for (own, expected) in zip(comparison, reference.values) {
            XCTAssertEqual(own.cosine, expected.cosine, accuracy: 1e-4, "\(own)")
            XCTAssertEqual(own.mahalanobisCosine, expected.mahalanobisCosine, accuracy: 1e-4, "\(own)")
            XCTAssertEqual(own.firstOnSecond, expected.firstOnSecond, accuracy: 2e-3, "\(own)")
            XCTAssertEqual(own.secondOnFirst, expected.secondOnFirst, accuracy: 2e-3, "\(own)")
            XCTAssertTrue(own.firstOnSecondLow <= own.firstOnSecond && own.firstOnSecond <= own.firstOnSecondHigh)
        }
        let same = try first.compare(with: first, workers: WorkerPool(count: 2))
        for own in same {
            XCTAssertEqual(own.cosine, 1, accuracy: 1e-6)
            XCTAssertEqual(own.mahalanobisCosine, 1, accuracy: 1e-6)
        }
    }

    /// Turning all activations turns the directions with them and changes no score.
    func testRotationsChangeNothingButTheDirection() throws {
        let (activations, _) = try load()
        let head = activations.table[Head(layer: 0, index: 0)]
        // A Householder reflection, exactly orthogonal but for rounding.
        let axis = (0..<head.features).map { Double($0 % 7) - 2.5 }
        let squared = axis.reduce(0) { $0 + $1 * $1 }
        func turned(_ row: some Collection<Float>) -> [Float] {
            let along = zip(row, axis).reduce(0) { $0 + Double($1.0) * $1.1 } * 2 / squared
            return zip(row, axis).map { Float(Double($0) - along * $1) }
        }
        let values = (0..<head.examples).flatMap { row in
            turned(head.values[row * head.features..<(row + 1) * head.features])
        }
        let other = try HeadActivations(Head(layer: 0, index: 0), values: values, features: head.features)
        // LDA shrinks features one by one, so that it isn't of this kind.
        for estimator in [DirectionEstimator.massMean, .pairedMean, .logistic, .pca, .labelShuffled] {
            let plain = try HeadDirection(fitting: estimator, to: head, rows: activations.rows)
            let moved = try HeadDirection(fitting: estimator, to: other, rows: activations.rows)
            assertClose(moved.unit, turned(plain.unit), absolute: 1e-5, "\(estimator)")
            XCTAssertEqual(moved.sigma, plain.sigma, accuracy: 1e-5 * plain.sigma, "\(estimator)")
            XCTAssertEqual(moved.threshold, plain.threshold, accuracy: 1e-4 * plain.sigma, "\(estimator)")
        }
    }
}
