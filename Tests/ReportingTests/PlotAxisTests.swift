import Foundation
import XCTest

@testable import Reporting

final class PlotAxisTests: XCTestCase {
    func testLabelsAreRoundNumbers() {
        let cases: [([Double], [String])] = [
            ([0, 1], ["0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
            ([-3.1, 4.1], ["−2", "0", "2", "4"]),
            ([0.113, 0.1172], ["0.113", "0.114", "0.115", "0.116", "0.117"]),
            ([0, 1_234_567], ["0", "500000", "1000000"]),
            ([1_000_000, 1_000_000.4], ["1000000.0", "1000000.1", "1000000.2", "1000000.3", "1000000.4"]),
            ([0, 4e12], ["0", "1e+12", "2e+12", "3e+12", "4e+12"]),
            ([-1e-9, 1e-9], ["−1e−09", "−5e−10", "0", "5e−10", "1e−09"]),
        ]
        for (values, labels) in cases {
            XCTAssertEqual(PlotAxis.loose(values, scale: .linear, ticks: 5).ticks.map(\.label), labels, "\(values)")
        }
    }

    /// Values of ±4 with intervals to ±5.4 on an axis of ±10 would leave half of the picture empty.
    func testAnAxisEndsNotFarBeyondItsValues() {
        for values in [[-5.4, 5.4], [-4, 4], [0, 11], [-0.011, 0.27]] {
            let axis = PlotAxis.loose(values, scale: .linear, ticks: 5)
            let span = values[1] - values[0]
            XCTAssertTrue(axis.low <= values[0] && values[0] - axis.low <= 0.08 * span + 1e-12, "\(values): \(axis)")
            XCTAssertTrue(axis.high >= values[1] && axis.high - values[1] <= 0.08 * span + 1e-12, "\(values): \(axis)")
            XCTAssertGreaterThanOrEqual(axis.ticks.count, 3, "\(values): \(axis)")
        }
    }

    func testAnAxisCoversItsValuesWhateverTheyAre() {
        let sets: [[Double]] = [
            [], [0], [-0.0], [5], [5, 5], [-1e300, 1e300], [.greatestFiniteMagnitude, -.greatestFiniteMagnitude],
            [.leastNonzeroMagnitude, .leastNormalMagnitude / 4], [1e15, 1e15 + 1], [0.1 + 0.2, 0.3],
            [-7, -6.999_999_999], [3, 1, 2],
        ]
        for values in sets {
            for scale in [LinePlot.Scale.linear, .logarithmic] {
                let axis = PlotAxis.loose(values, scale: scale, ticks: 5)
                let what = "\(values), \(scale): \(axis)"
                XCTAssertTrue(axis.low < axis.high && (axis.high - axis.low).isFinite, what)
                XCTAssertTrue((1...14).contains(axis.ticks.count), what)
                XCTAssertTrue(axis.ticks.allSatisfy { $0.value.isFinite }, what)
                for value in values where scale == .linear && abs(value) < 1e300 {
                    let share = axis.share(value) ?? -1
                    XCTAssertEqual(
                        axis.low + share * (axis.high - axis.low), value, accuracy: abs(value) * 1e-6 + 1e-12, what)
                }
            }
        }
    }

    func testLogarithmicAxesAreLabelledAtPowersOfTen() {
        func labels(_ values: [Double], _ count: Int = 5) -> [String] {
            PlotAxis.loose(values, scale: .logarithmic, ticks: count).ticks.map(\.label)
        }
        XCTAssertEqual(labels([21, 9000]), ["10", "100", "1000", "10000"])
        XCTAssertEqual(labels([18, 60]), ["10", "20", "50", "100"])
        XCTAssertEqual(labels([0, -3, 0.02, 0.04]), ["0.02", "0.05"], "what isn't positive has no place")
        XCTAssertEqual(
            PlotAxis.loose([1, 1000], scale: .logarithmic, ticks: 5).share(10) ?? -1, 1.0 / 3, accuracy: 1e-12)
        XCTAssertNil(PlotAxis.loose([1, 1000], scale: .logarithmic, ticks: 5).share(0))
    }

    func testTheSharedAxisIsLabelledAtFewDoses() {
        XCTAssertEqual(PlotAxis.tight([8, -8, 0, -0.0, 2.5], ticks: 10).ticks.map(\.label), ["−8", "0", "2.5", "8"])
        XCTAssertEqual(
            PlotAxis.tight((0...40).map { Double($0) / 10 }, ticks: 4).ticks.map(\.label), ["0", "1", "2", "3", "4"])
    }
}
