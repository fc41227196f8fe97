import HeadSteerTesting
import XCTest

final class TensorComparisonTests: XCTestCase {
    private let expected: [Float] = [1, -2, 3, 4, -5, 6]

    func testTheSame() {
        let comparison = TensorComparison(expected, expected, shape: [2, 3])
        XCTAssertTrue(comparison.agrees)
        XCTAssertNil(comparison.largest)
        XCTAssertEqual("\(comparison)", "all 6 values are the same")
        XCTAssertTrue(TensorComparison([-0.0] as [Float], [0.0] as [Float]).agrees)
    }

    /// The first difference and the largest are told with their places.
    func testFirstAndLargest() {
        let actual: [Float] = [1, -2.5, 3, 4, -7, 6.25]
        let comparison = TensorComparison(actual, expected, shape: [2, 3])
        XCTAssertFalse(comparison.agrees)
        XCTAssertEqual(comparison.differing, 3)
        XCTAssertEqual(comparison.first?.place, [0, 1])
        XCTAssertEqual(comparison.first?.magnitude, 0.5)
        XCTAssertEqual(comparison.largest?.place, [1, 1])
        XCTAssertEqual(comparison.largest?.actual, -7)
        XCTAssertEqual(comparison.scale, 6)
        XCTAssertEqual(
            "\(comparison)",
            "3 of 6 values differ by more than 0.0: the first at [0, 1]: -2.5 instead of -2.0, off by 0.5, "
                + "the largest at [1, 1]: -7.0 instead of -5.0, off by 2.0")
        XCTAssertEqual(TensorComparison(actual, expected).largest?.place, [4], "a list")
    }

    /// Tolerances are relative to the largest expected magnitude, and inclusive.
    func testTolerance() {
        let actual: [Float] = [1, -2.5, 3, 4, -7, 6.25]
        func differing(_ tolerance: Tolerance) -> Int {
            TensorComparison(actual, expected, tolerance: tolerance).differing
        }
        XCTAssertEqual(differing(Tolerance(absolute: 0.25)), 2)
        XCTAssertEqual(differing(Tolerance(absolute: 0.24)), 3)
        XCTAssertEqual(differing(Tolerance(relative: 0.125)), 1, "0.75 allowed")
        XCTAssertEqual(differing(Tolerance(absolute: 1.25, relative: 0.125)), 0)
        let close = TensorComparison(actual, expected, tolerance: Tolerance(absolute: 2))
        XCTAssertTrue(close.agrees)
        XCTAssertNil(close.first)
        XCTAssertEqual(close.largest?.magnitude, 2)
    }

    /// A value that is no number differs from everything, itself included; an infinity from all but itself.
    func testNoNumbers() {
        for (actual, expected, agrees) in [
            (Float.nan, Float(1), false), (1, .nan, false), (.nan, .nan, false), (.infinity, .infinity, true),
            (.infinity, 1, false), (-.infinity, .infinity, false),
        ] {
            let comparison = TensorComparison([actual], [expected], tolerance: Tolerance(absolute: 1e30))
            XCTAssertEqual(comparison.agrees, agrees, "\(actual) and \(expected)")
            if !agrees { XCTAssertEqual(comparison.largest?.magnitude, .infinity) }
        }
    }

    func testOtherCounts() {
        let comparison = TensorComparison([1, -2] as [Float], expected)
        XCTAssertFalse(comparison.agrees)
        XCTAssertEqual("\(comparison)", "2 values instead of 6")
    }
}
