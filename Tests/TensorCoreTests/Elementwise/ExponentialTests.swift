import Foundation
import TensorCore
import XCTest

/// eˣ as softmax and gate use it, in units in the last place of the exact value.
final class ExponentialTests: XCTestCase {
    /// The distance between two neighbouring float32 values at the exact value.
    private func unit(_ exact: Double) -> Double {
        max(exp2(Foundation.log2(exact).rounded(.down) - 23), 0x1p-149)
    }

    /// Beside a 0, seven values below −20 leave the sum at exactly 1: softmax gives eˣ itself.
    func testNegativeArguments() {
        var worst = (error: 0.0, x: Float(0))
        let count = 8 * 20_000
        var x: Float = -20
        let step: Float = (87.3 - 20) / Float(count / 7)
        while x > -87.33 {
            var row: [Float] = [0]
            var arguments: [Float] = []
            while row.count < 8 {
                arguments.append(x)
                row.append(x)
                x -= step
            }
            Elementwise.softmax(&row, count: 8)
            XCTAssertEqual(row[0], 1)
            for (argument, value) in zip(arguments, row.dropFirst()) where argument >= -87.33 {
                let exact = exp(Double(argument))
                let error = abs(Double(value) - exact) / unit(exact)
                if error > worst.error || error.isNaN { worst = (error, argument) }
            }
        }
        XCTAssertLessThanOrEqual(worst.error, 2, "the worst is at \(worst.x)")
        XCTAssertGreaterThan(worst.error, 0, "no value is off at all: was anything compared?")
    }

    /// g / (1 + e^−g) · 1 for large negative g is g · e^g to within the rounding of the quotient.
    func testPositiveArguments() {
        var worst = (error: 0.0, x: Float(0))
        var g: Float = -17
        while g > -88.7 {
            let row = (0..<8).map { g - Float($0) * 0.0011 }
            var y = [Float](repeating: 0, count: 8)
            Elementwise.gate(row, [Float](repeating: 1, count: 8), into: &y, count: 8)
            for (argument, value) in zip(row, y) where argument > -88.7 {
                let exact = Double(argument) / (1 + exp(-Double(argument)))
                let error = abs(Double(value) - exact) / unit(abs(exact))
                if error > worst.error || error.isNaN { worst = (error, argument) }
            }
            g -= 8 * 0.0011
        }
        XCTAssertLessThanOrEqual(worst.error, 4, "the worst is at \(worst.x)")
    }

    func testWhereItEnds() {
        func exponentials(_ x: [Float]) -> [Float] {
            var row = [0] + x
            Elementwise.softmax(&row, count: row.count)
            return Array(row.dropFirst())
        }
        XCTAssertEqual(exponentials([-87.34, -88, -104, -1000, -3e38, -.infinity]), [0, 0, 0, 0, 0, 0])
        let smallest = exp(Double(Float(-87.33)))
        XCTAssertEqual(Double(exponentials([-87.33])[0]), smallest, accuracy: 2 * unit(smallest))
        XCTAssertEqual(exponentials([0, -0.0]), [1 / 3, 1 / 3])
        XCTAssertEqual(exponentials([-Float.leastNonzeroMagnitude])[0], 0.5)
    }
}
