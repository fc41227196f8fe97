import DataFiles
import Statistics
import Transformer
import XCTest

@testable import Directions

/// Degenerate inputs, controls and symmetries of directions.
final class DirectionTests: XCTestCase {
    private func activations(_ values: [Float], features: Int, head: Int = 0) throws -> HeadActivations {
        try HeadActivations(Head(layer: 0, index: head), values: values, features: features)
    }

    func testIdenticalMeansGiveTheZeroDirection() throws {
        // The same rows in both classes, in another order, of numbers that no sum is exact for.
        let values: [Float] = [0.1, 7.3, 0.2, 1e6, 0.3, -0.7, 0.3, -0.7, 0.1, 7.3, 0.2, 1e6]
        for labels in [[true, true, true, false, false, false], [false, false, false, true, true, true]] {
            for estimator in [DirectionEstimator.massMean, .lda, .logistic] {
                let direction = try HeadDirection(
                    fitting: estimator, to: activations(values, features: 2), labels: labels)
                XCTAssertTrue(direction.isZero, "\(estimator): \(direction.unit)")
                XCTAssertEqual(direction.sigma, 0, "\(estimator)")
                XCTAssertEqual(direction.withinClassSigma, 0, "\(estimator)")
                XCTAssertEqual(direction.threshold, 0, "\(estimator)")
            }
        }
    }

    func testConstantActivationsAreFinite() throws {
        let head = try activations(Array(repeating: 0.1, count: 18), features: 3)
        let rows = GroupedLabels(labels: [true, false, true, false, true, false], groups: [0, 0, 1, 1, 2, 2])
        for estimator in DirectionEstimator.allCases {
            let direction = try HeadDirection(fitting: estimator, to: head, rows: rows)
            XCTAssertEqual(direction.isZero, estimator != .random, "\(estimator): \(direction.unit)")
            XCTAssertEqual(direction.sigma, 0, accuracy: 1e-15, "\(estimator)")
            XCTAssertTrue(direction.vector.allSatisfy(\.isFinite), "\(estimator): \(direction.vector)")
        }
    }

    func testHugeActivationsAreFinite() throws {
        let head = try activations([3e38, -3e38, 1, 2e38, 3e38, 1, -2e38, 0], features: 2)
        for estimator in DirectionEstimator.allCases {
            let rows = GroupedLabels(labels: [true, false, true, false], groups: [0, 0, 1, 1])
            let direction = try HeadDirection(fitting: estimator, to: head, rows: rows)
            XCTAssertTrue(direction.unit.allSatisfy(\.isFinite), "\(estimator): \(direction.unit)")
            XCTAssertTrue(direction.sigma.isFinite && direction.threshold.isFinite, "\(estimator)")
        }
    }

    /// By hand: within the first group the classes are (2, 0) apart, within the second (0, 4) with twice as many false rows;
    /// the third has one class alone and says nothing.
    func testPairedMeanCountsEveryGroupOnce() throws {
        let head = try activations([3, 1, 1, 1, 9, 7, 9, 3, 9, 3, 100, 100], features: 2)
        let rows = GroupedLabels(
            labels: [true, false, true, false, false, true], groups: ["a", "a", "b", "b", "b", "c"])
        let direction = try HeadDirection(fitting: .pairedMean, to: head, rows: rows)
        XCTAssertEqual(direction.vector, [1, 2])
        let massMean = try HeadDirection(fitting: .massMean, to: head, rows: rows)
        XCTAssertNotEqual(massMean.vector, direction.vector, "one row in a hundred's place moves the plain mean")
        XCTAssertThrowsError(
            try HeadDirection(fitting: .pairedMean, to: head, labels: [true, false, true, false, false, true])
        ) {
            XCTAssertTrue("\($0)".contains("no group that holds both labels"), "\($0)")
        }
    }

    /// The same shuffled labels for all heads, with as many of either class in each group; others for another seed.
    func testLabelShuffledDirectionsAreThoseOfLabelsThatMeanNothing() throws {
        var generator = SeededGenerator(seed: 41)
        let rows = GroupedLabels(labels: (0..<40).map { $0 % 2 == 0 }, groups: (0..<40).map { $0 / 2 })
        let values = (0..<40).flatMap { row -> [Float] in
            let gap: Float = row % 2 == 0 ? 5 : 0
            return [gap, Float(generator.gaussian()), gap, 0]
        }
        let table = try ActivationTable(values: values, examples: 40, layers: 1, heads: 2, headSize: 2)
        let shuffled = try table.directions(.labelShuffled, rows: rows, seed: 3)
        let real = try table.directions(.massMean, rows: rows, seed: 3)
        XCTAssertEqual(real[0].vector[0], 5)
        XCTAssertLessThan(abs(shuffled[0].vector[0]), 3, "about half of the pairs are turned over")
        XCTAssertEqual(shuffled[0].vector[0], shuffled[1].vector[0], "both heads have the feature, and the labels")
        XCTAssertNotEqual(try table.directions(.labelShuffled, rows: rows, seed: 4)[0].vector, shuffled[0].vector)
    }

    func testOneClassIsAnError() throws {
        let head = try activations([1, 2, 3, 4], features: 2)
        XCTAssertThrowsError(try HeadDirection(to: head, labels: [true, true])) {
            XCTAssertTrue("\($0)".contains("no example with the label false"), "\($0)")
        }
    }

    func testNonFiniteActivationsNameTheirHead() {
        var values = [Float](repeating: 0, count: 2 * 3 * 4 * 5)
        values[((1 * 3 + 2) * 4 + 3) * 5 + 1] = .nan
        XCTAssertThrowsError(try ActivationTable(values: values, examples: 2, layers: 3, heads: 4, headSize: 5)) {
            XCTAssertTrue("\($0)".contains("head 2.3, example 1"), "\($0)")
        }
        XCTAssertThrowsError(try HeadActivations(Head(layer: 7, index: 8), values: [1, 2, -.infinity, 4], features: 2))
        {
            XCTAssertTrue("\($0)".contains("head 7.8, example 1"), "\($0)")
        }
    }

    func testTableSlices() throws {
        let values = (0..<2 * 3 * 2 * 2).map { Float($0) }
        let table = try ActivationTable(values: values, examples: 2, layers: 3, heads: 2, headSize: 2)
        let head = table[Head(layer: 1, index: 1)]
        XCTAssertEqual(head.values, [6, 7, 18, 19])
        XCTAssertEqual([head.head.layer, head.head.index, head.examples, head.features], [1, 1, 2, 2])
    }

    func testRandomDirectionsDependOnTheHeadNotOnTheOrder() throws {
        let values = (0..<4 * 2 * 3 * 4).map { Float($0 % 7) }
        let labels = [true, false, true, false]
        let table = try ActivationTable(values: values, examples: 4, layers: 2, heads: 3, headSize: 4)
        let all = try table.directions(.random, labels: labels, seed: 5)
        let alone = try HeadDirection(fitting: .random, to: table[Head(layer: 1, index: 2)], labels: labels, seed: 5)
        XCTAssertEqual(all.last, alone)
        XCTAssertEqual(
            all.map { [$0.head.layer, $0.head.index] }, [[0, 0], [0, 1], [0, 2], [1, 0], [1, 1], [1, 2]])
        XCTAssertEqual(Set(all.map(\.unit)).count, 6)
        XCTAssertNotEqual(try table.directions(.random, labels: labels, seed: 6)[0].unit, all[0].unit)
        for direction in all {
            XCTAssertEqual(direction.unit.reduce(0) { $0 + $1 * $1 }, 1, accuracy: 1e-6)
        }
    }

    /// Rotating the activations rotates the directions, and σ stays: for estimators that don't look at single features.
    func testRotation() throws {
        var generator = SeededGenerator(seed: 3)
        let rows = 30
        let labels = (0..<rows).map { $0 % 3 == 0 }
        let points = labels.map { label in
            (0..<2).map { Float(generator.gaussian() * (1 + Double($0))) + (label ? 1 : 0) }
        }
        let (cosine, sine) = (Float(0.6), Float(0.8))
        let rotate = { (p: [Float]) in [cosine * p[0] - sine * p[1], sine * p[0] + cosine * p[1]] }
        for estimator in [DirectionEstimator.massMean, .logistic, .pca] {
            let plain = try HeadDirection(
                fitting: estimator, to: activations(points.flatMap { $0 }, features: 2), labels: labels)
            let rotated = try HeadDirection(
                fitting: estimator, to: activations(points.flatMap(rotate), features: 2), labels: labels)
            for (value, expected) in zip(rotated.unit, rotate(plain.unit)) {
                XCTAssertEqual(value, expected, accuracy: 1e-5, "\(estimator)")
            }
            XCTAssertEqual(rotated.sigma, plain.sigma, accuracy: 1e-5, "\(estimator)")
        }
    }

    func testDirectionsAreCodable() throws {
        let head = try activations([1, 2, 3, 5], features: 2)
        let direction = try HeadDirection(to: head, labels: [true, false])
        let copy = try JSONDecoder().decode(HeadDirection.self, from: JSONEncoder().encode(direction))
        XCTAssertEqual(copy, direction)
    }
}
