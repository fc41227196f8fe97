import Foundation
import TensorCore
import XCTest
import _TestSupport

@testable import Monitoring

/// Means, shrunk covariances, distances and moving averages against scikit-learn and NumPy.
final class EnvelopeReferenceTests: XCTestCase {
    private func moments(_ reference: MonitoringReference.Covariance, parts: Int) -> ActivationMoments {
        let rows = reference.rows.count / reference.columns
        var moments = ActivationMoments(size: reference.columns)
        for part in 0..<parts {
            let range = part * rows / parts..<(part + 1) * rows / parts
            moments.add(
                Array(reference.rows[range.lowerBound * reference.columns..<range.upperBound * reference.columns]))
        }
        return moments
    }

    func testShrunkCovarianceIsThatOfScikitLearn() throws {
        for (number, reference) in try MonitoringReference.load().covariances.enumerated() {
            for parts in [1, 3] {
                let moments = moments(reference, parts: parts)
                let (covariance, shrinkage) = moments.shrunkCovariance()
                XCTAssertEqual(shrinkage, reference.shrinkage, accuracy: 1e-6, "case \(number), \(parts) parts")
                assertClose(
                    covariance.values.map { Float($0) }, reference.covariance.map { Float($0) }, relative: 1e-6,
                    "covariance of case \(number), \(parts) parts")
                assertClose(
                    moments.mean.map { Float($0) }, reference.mean.map { Float($0) }, relative: 1e-6,
                    "mean of case \(number)")
            }
        }
    }

    /// Moments of parts of the rows add up to those of all.
    func testMomentsAddUp() throws {
        for (number, reference) in try MonitoringReference.load().covariances.enumerated() {
            let whole = moments(reference, parts: 1)
            let rows = reference.rows.count / reference.columns
            let cut = rows / 3 * reference.columns
            var sum = ActivationMoments(size: reference.columns)
            var (first, second) = (sum, sum)
            first.add(Array(reference.rows[..<cut]))
            second.add(Array(reference.rows[cut...]))
            sum.add(second)
            sum.add(first)
            XCTAssertEqual(sum.count, rows)
            let (own, expected) = (sum.shrunkCovariance(), whole.shrunkCovariance())
            XCTAssertEqual(own.shrinkage, expected.shrinkage, accuracy: 1e-9, "case \(number)")
            assertClose(
                own.covariance.values.map { Float($0) }, expected.covariance.values.map { Float($0) }, relative: 1e-6,
                "covariance of case \(number)")
        }
    }

    /// A head's statistics are NumPy's Mahalanobis distances and moving averages, to what 8 bits of the transform cost.
    func testStatisticsAreThoseOfNumPy() throws {
        for (number, reference) in try MonitoringReference.load().covariances.enumerated() {
            let size = reference.columns
            let fitted = FittedHeads(
                layers: 1, heads: 1, headSize: size, fitted: [try FittedHead(moments(reference, parts: 1))])
            let tracker = HeadTracker(try fitted.envelope(), smoothing: 0.1, workers: WorkerPool(count: 1))
            let rows = reference.rows.count / size
            let z = Matrix(rows: rows, columns: size, elements: reference.rows.map { Float($0) })
            var statistics = [Float](repeating: 0, count: rows * HeadStatistic.allCases.count)
            statistics.withUnsafeMutableBufferPointer {
                if let start = $0.baseAddress { tracker.take([z], into: start) }
            }
            var stillness = 0.0
            for row in 0..<rows {
                let own = statistics[row * 3..<row * 3 + 3].map { Double($0) }
                let distance = log(reference.mahalanobis[row] / Double(size))
                stillness = row == 0 ? distance : 0.9 * stillness + 0.1 * distance
                let accuracy = 0.05
                XCTAssertEqual(own[0], distance, accuracy: accuracy, "distance of row \(row), case \(number)")
                XCTAssertEqual(own[1], reference.shift[row], accuracy: accuracy, "shift of row \(row), case \(number)")
                XCTAssertEqual(own[2], -stillness, accuracy: accuracy, "stillness of row \(row), case \(number)")
            }
        }
    }

    /// Statistics of layers that take turns are those of a tracker that sees the positions of these turns alone.
    func testSamplesAreOfTheLayersInTurn() throws {
        let reference = try XCTUnwrap(MonitoringReference.load().covariances.first)
        let (size, layers) = (reference.columns, 4)
        let head = try FittedHead(moments(reference, parts: 1))
        let envelope = try FittedHeads(
            layers: layers, heads: 1, headSize: size, fitted: Array(repeating: head, count: layers)
        ).envelope()
        let rows = Array(0..<min(11, reference.rows.count / size))
        func samples(_ turns: LayerTurns?, _ rows: [Int]) -> StatisticSamples {
            let values = rows.flatMap { reference.rows[$0 * size..<($0 + 1) * size].map { Float($0) } }
            let z = Matrix(rows: rows.count, columns: size, elements: values)
            var samples = StatisticSamples(layers: layers, heads: 1, every: 1)
            samples.add(
                Array(repeating: z, count: layers),
                by: HeadTracker(envelope, smoothing: 0.1, workers: WorkerPool(count: 2), turns: turns))
            return samples
        }
        let turns = LayerTurns(layers: layers, positions: 4)
        let inTurn = samples(turns, rows)
        for layer in 0..<layers {
            let own = rows.filter { turns.layers(at: $0, first: 0).contains(layer) }
            XCTAssertLessThan(own.count, rows.count)
            let alone = samples(nil, own)
            for statistic in HeadStatistic.allCases {
                XCTAssertEqual(
                    inTurn.columns(of: statistic)[layer], alone.columns(of: statistic)[layer],
                    "\(statistic) of layer \(layer)")
            }
        }
    }

    /// A head that never varies counts what differs from it as far away, and nothing is infinite.
    func testConstantHead() throws {
        var moments = ActivationMoments(size: 4)
        moments.add((0..<20).flatMap { _ in [1.0, -2, 0, 3] })
        let fitted = FittedHeads(layers: 1, heads: 1, headSize: 4, fitted: [try FittedHead(moments)])
        let tracker = HeadTracker(try fitted.envelope(), smoothing: 0.1, workers: WorkerPool(count: 1))
        var statistics = [Float](repeating: 0, count: 6)
        let z = Matrix(rows: 2, columns: 4, elements: [1, -2, 0, 3, 1, -2, 0.01, 3])
        statistics.withUnsafeMutableBufferPointer { if let start = $0.baseAddress { tracker.take([z], into: start) } }
        XCTAssertLessThan(statistics[0], -5)
        XCTAssertGreaterThan(statistics[3], 5)
        XCTAssertTrue(statistics.allSatisfy(\.isFinite), "\(statistics)")
    }
}
