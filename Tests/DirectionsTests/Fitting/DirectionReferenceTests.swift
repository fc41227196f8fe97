import Statistics
import Transformer
import XCTest
import _TestSupport

@testable import Directions

/// Directions against numpy and scikit-learn (`Fixtures/statistics/reference.py`).
final class DirectionReferenceTests: XCTestCase {
    private struct Case: Decodable {
        var name: String
        var features: Int
        var values: [Float]
        var labels: [Bool]
        var massMean, unit, trueMean, falseMean, mean: [Double]
        var sigma, withinClassSigma, headNorm: Double
        var logistic, lda, pca: [Double]
        var logisticIntercept, ldaIntercept: Double

        func direction(_ estimator: DirectionEstimator) throws -> HeadDirection {
            let activations = try HeadActivations(Head(layer: 1, index: 2), values: values, features: features)
            return try HeadDirection(fitting: estimator, to: activations, labels: labels)
        }
    }

    private func cases() throws -> [Case] {
        struct File: Decodable { var cases: [Case] }
        let data = try Data(contentsOf: FixtureLocation.fixtures.appending(path: "statistics/directions.json"))
        let cases = try JSONDecoder().decode(File.self, from: data).cases
        XCTAssertEqual(cases.count, 6)
        return cases
    }

    private func assertClose(
        _ values: [Float], _ reference: [Double], _ accuracy: Double, _ name: String, line: UInt = #line
    ) {
        XCTAssertEqual(values.count, reference.count, name, line: line)
        for (index, pair) in zip(values, reference).enumerated() {
            XCTAssertEqual(Double(pair.0), pair.1, accuracy: accuracy, "\(name)[\(index)]", line: line)
        }
    }

    func testMassMean() throws {
        for test in try cases() {
            let direction = try test.direction(.massMean)
            assertClose(direction.vector, test.massMean, 1e-5, "\(test.name): θ")
            assertClose(direction.unit, test.unit, 1e-6, "\(test.name): unit")
            assertClose(direction.trueMean, test.trueMean, 1e-5, "\(test.name): mean of true")
            assertClose(direction.falseMean, test.falseMean, 1e-5, "\(test.name): mean of false")
            assertClose(direction.mean, test.mean, 1e-5, "\(test.name): mean")
            XCTAssertEqual(direction.sigma, test.sigma, accuracy: 1e-9, "\(test.name): σ")
            XCTAssertEqual(direction.withinClassSigma, test.withinClassSigma, accuracy: 1e-9, "\(test.name): within")
            XCTAssertEqual(direction.headNorm, test.headNorm, accuracy: 1e-9, "\(test.name): head norm")
            let midpoint = zip(test.unit, zip(test.trueMean, test.falseMean)).reduce(0) {
                $0 + $1.0 * ($1.1.0 + $1.1.1) / 2
            }
            XCTAssertEqual(direction.threshold, midpoint, accuracy: 1e-9, "\(test.name): threshold")
            XCTAssertEqual(direction.head, Head(layer: 1, index: 2))
        }
    }

    func testLogisticRegression() throws {
        for test in try cases() {
            let direction = try test.direction(.logistic)
            assertClose(direction.vector, test.logistic, 1e-5, "\(test.name): weights")
            let norm = test.logistic.reduce(0) { $0 + $1 * $1 }.squareRoot()
            XCTAssertEqual(
                direction.threshold * norm, -test.logisticIntercept, accuracy: 1e-5, "\(test.name): intercept")
        }
    }

    func testLinearDiscriminant() throws {
        for test in try cases() {
            let direction = try test.direction(.lda)
            let largest = test.lda.map(abs).max() ?? 1
            assertClose(direction.vector, test.lda, 1e-6 * largest, "\(test.name): weights")
            let norm = test.lda.reduce(0) { $0 + $1 * $1 }.squareRoot()
            XCTAssertEqual(
                direction.threshold * norm, -test.ldaIntercept, accuracy: 1e-6 * max(1, abs(test.ldaIntercept)),
                "\(test.name): intercept")
        }
    }

    func testPrincipalComponent() throws {
        for test in try cases() {
            assertClose(try test.direction(.pca).vector, test.pca, 1e-5, "\(test.name): component")
        }
    }
}
