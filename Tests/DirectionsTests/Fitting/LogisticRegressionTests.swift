import DataFiles
import Foundation
import XCTest

@testable import Directions

/// Logistic regression where scikit-learn's reference cases don't go: heads of real size, and features of any scale.
///
/// The objective is strictly convex in the weights, so that weights are the minimum's if and only if the gradient is zero:
/// w = C Σ (y − p) x, and Σ (y − p) = 0 for the intercept.
final class LogisticRegressionTests: XCTestCase {
    /// How far fitted values are from the condition: the largest element of w − C Σ (y − p) x relative to the summands'
    /// size, and Σ (y − p) relative to the number of rows.
    private func violation(
        _ score: LinearScore, _ rows: FeatureRows, _ labels: [Bool], inversePenalty: Double
    ) -> (weights: Double, intercept: Double) {
        var residuals: [Double] = []
        for row in 0..<rows.rows {
            let value = zip(score.weights, rows[row]).reduce(-score.threshold) { $0 + $1.0 * $1.1 }
            residuals.append((labels[row] ? 1 : 0) - 1 / (1 + exp(-value)))
        }
        var worst = 0.0
        for column in 0..<rows.columns {
            var sum = 0.0
            var size = 0.0
            for row in 0..<rows.rows {
                let summand = inversePenalty * residuals[row] * rows.values[row * rows.columns + column]
                sum += summand
                size += abs(summand)
            }
            worst = max(worst, abs(score.weights[column] - sum) / max(size, abs(score.weights[column])))
        }
        return (worst, abs(residuals.reduce(0, +)) / Double(rows.rows))
    }

    private func data(
        rows: Int, columns: Int, share: Double, gap: Double, seed: UInt64, scale: (Int) -> Double
    ) -> (FeatureRows, [Bool]) {
        var generator = SeededGenerator(seed: seed)
        let labels = (0..<rows).map { Double($0) < share * Double(rows) }
        let values = labels.flatMap { label in
            (0..<columns).map { (generator.gaussian() + (label ? gap : 0)) * scale($0) }
        }
        return (FeatureRows(values: values, columns: columns), labels)
    }

    func testTheGradientVanishesForHeadsOfRealSize() throws {
        let cases: [(name: String, rows: Int, share: Double, gap: Double, inversePenalty: Double)] = [
            ("77 rows", 77, 0.5, 0.1, 1), ("separable", 77, 0.5, 3, 1), ("few rows", 20, 0.5, 0.1, 1),
            ("many rows", 400, 0.5, 0.2, 1), ("unbalanced", 100, 0.05, 0.5, 1), ("hardly penalised", 77, 0.5, 1, 1e4),
            ("much penalised", 77, 0.5, 1, 1e-4),
        ]
        for (index, test) in cases.enumerated() {
            let (rows, labels) = data(
                rows: test.rows, columns: 64, share: test.share, gap: test.gap, seed: UInt64(index)
            ) { 2 / Double(1 + $0).squareRoot() }
            let score = try logisticRegression(rows, labels: labels, inversePenalty: test.inversePenalty)
            let violation = violation(score, rows, labels, inversePenalty: test.inversePenalty)
            XCTAssertLessThan(violation.weights, 1e-6, test.name)
            XCTAssertLessThan(violation.intercept, 1e-8, test.name)
            XCTAssertGreaterThan(score.weights.map(abs).max() ?? 0, 1e-6, test.name)
        }
    }

    func testTheGradientVanishesForFeaturesOfAnyScale() throws {
        let cases: [(name: String, gap: Double, scale: (Int) -> Double)] = [
            ("1e-6 to 1e6", 0.2, { pow(10, Double($0) - 6) }), ("all 1e-3", 0.2, { _ in 1e-3 }),
            ("all 1e4", 0.2, { _ in 1e4 }), ("separable, all 1e4", 5, { _ in 1e4 }),
            ("separable, 1e-6 to 1e6", 5, { pow(10, Double($0) - 6) }), ("one large", 0.2, { $0 == 3 ? 1e5 : 1 }),
        ]
        for (index, test) in cases.enumerated() {
            let (rows, labels) = data(
                rows: 60, columns: 13, share: 0.4, gap: test.gap, seed: 50 + UInt64(index), scale: test.scale)
            let score = try logisticRegression(rows, labels: labels)
            let violation = violation(score, rows, labels, inversePenalty: 1)
            XCTAssertLessThan(violation.weights, 1e-5, test.name)
            XCTAssertLessThan(violation.intercept, 1e-7, test.name)
            let decisions = (0..<rows.rows).count { (score.score(rows[$0]) > 0) == labels[$0] }
            XCTAssertGreaterThanOrEqual(decisions, test.gap > 1 ? 60 : 36, test.name)
        }
    }

    /// The largest and smallest numbers that activations can hold, where loss and curvature span 150 powers of ten.
    func testExtremeFeaturesGiveFiniteWeights() throws {
        for exponent in [-38, -20, 20, 37] {
            for columns in [1, 3, 8] {
                let (rows, labels) = data(rows: 24, columns: columns, share: 0.5, gap: 0.3, seed: 60) {
                    $0 == 1 ? 1 : pow(10, Double(exponent))
                }
                let score = try logisticRegression(rows, labels: labels)
                XCTAssertTrue(
                    score.weights.allSatisfy(\.isFinite) && score.threshold.isFinite,
                    "1e\(exponent), \(columns) columns: \(score)")
            }
        }
    }

    func testSwappingTheClassesTurnsTheWeights() throws {
        let (rows, labels) = data(rows: 77, columns: 64, share: 0.4, gap: 0.3, seed: 70) { _ in 1 }
        let score = try logisticRegression(rows, labels: labels)
        let swapped = try logisticRegression(rows, labels: labels.map(!))
        XCTAssertEqual(swapped.threshold, -score.threshold, accuracy: 1e-9)
        for (index, pair) in zip(swapped.weights, score.weights).enumerated() {
            XCTAssertEqual(pair.0, -pair.1, accuracy: 1e-9, "weight \(index)")
        }
        XCTAssertEqual(try logisticRegression(rows, labels: labels), score, "the same bits again")
    }
}
