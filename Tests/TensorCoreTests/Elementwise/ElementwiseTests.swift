import DataFiles
import Foundation
import TensorCore
import XCTest
import _TestSupport

/// Against plain loops in double precision. Lengths around eight and sixteen lanes, where vector loops hand over.
final class ElementwiseTests: XCTestCase {
    private static let lengths = [1, 2, 3, 7, 8, 9, 15, 16, 17, 23, 24, 25, 31, 32, 33, 64, 100, 257]

    private func random(_ count: Int, seed: UInt64, scale: Double = 1) -> [Float] {
        var generator = SeededGenerator(seed: seed)
        return (0..<count).map { _ in Float(generator.gaussian() * scale) }
    }

    func testAddAndScaleAreRoundedOnceOrTwice() {
        for n in Self.lengths {
            let x = random(n, seed: 1)
            let y = random(n, seed: 2)
            var sum = y
            Elementwise.add(x, to: &sum, count: n)
            XCTAssertEqual(sum, zip(x, y).map { $1 + $0 }, "add, \(n) values")
            var scaled = y
            Elementwise.scale(&scaled, by: -1.7, count: n)
            XCTAssertEqual(scaled, y.map { $0 * -1.7 }, "scale, \(n) values")
            var moved = y
            Elementwise.add(0.3, times: x, to: &moved, count: n)
            for i in 0..<n {
                let exact = Double(y[i]) + Double(Float(0.3)) * Double(x[i])
                let bound = 0x1p-24 * (abs(exact) + 0.3 * abs(Double(x[i])) * 1.01)
                XCTAssertEqual(Double(moved[i]), exact, accuracy: bound, "add times, value \(i) of \(n)")
            }
        }
    }

    func testOperationsStayWithinTheirLength() {
        for n in Self.lengths {
            var values = [Float](repeating: 2, count: n + 16)
            let ones = [Float](repeating: 1, count: n + 16)
            Elementwise.add(ones, to: &values, count: n)
            Elementwise.add(2, times: ones, to: &values, count: n)
            Elementwise.scale(&values, by: 3, count: n)
            Elementwise.softmax(&values, count: n)
            Elementwise.gate(values, ones, into: &values, count: n)
            Elementwise.rmsNorm(values, weight: ones, epsilon: 1e-5, into: &values, count: n)
            XCTAssertEqual(Array(values[n...]), [Float](repeating: 2, count: 16), "what follows \(n) values")
        }
    }

    func testDot() {
        for n in Self.lengths + [1000, 4096] {
            let x = random(n, seed: 3)
            let y = random(n, seed: 4)
            let exact = zip(x, y).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
            let magnitude = zip(x, y).reduce(0.0) { $0 + abs(Double($1.0) * Double($1.1)) }
            // Sixteen partial sums: each value passes through about n / 16 + 6 roundings.
            let bound = Double(n / 16 + 22) * 0x1p-24 * magnitude
            XCTAssertEqual(Double(Elementwise.dot(x, y, count: n)), exact, accuracy: bound, "\(n) values")
        }
        XCTAssertEqual(Elementwise.dot([1], [1], count: 0), 0)
        XCTAssertEqual(Elementwise.dot([0, .infinity], [0, 2], count: 2), .infinity)
        XCTAssertTrue(Elementwise.dot([1, .nan], [0, 0], count: 2).isNaN)
    }

    func testRMSNorm() {
        for n in Self.lengths + [576] {
            // The last one's squares are beyond float32.
            for scale in [1e-6, 1, 1e6, 1e20] {
                let x = random(n, seed: 5, scale: scale)
                let w = random(n, seed: 6)
                let epsilon: Float = 1e-5
                var y = [Float](repeating: .nan, count: n)
                Elementwise.rmsNorm(x, weight: w, epsilon: epsilon, into: &y, count: n)
                let mean = x.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(n)
                let factor = 1 / (mean + Double(epsilon)).squareRoot()
                for i in 0..<n {
                    let exact = Double(w[i]) * Double(x[i]) * factor
                    XCTAssertEqual(
                        Double(y[i]), exact, accuracy: 16 * 0x1p-24 * abs(exact) + 1e-44, "value \(i) of \(n), \(scale)"
                    )
                }
            }
        }
        var zeros = [Float](repeating: .nan, count: 9)
        Elementwise.rmsNorm(
            [Float](repeating: 0, count: 9), weight: [Float](repeating: 1, count: 9), epsilon: 1e-5, into: &zeros,
            count: 9)
        XCTAssertEqual(zeros, [Float](repeating: 0, count: 9))
    }

    func testSoftmax() {
        for n in Self.lengths {
            for scale in [0.01, 1, 30] {
                let x = random(n, seed: 7, scale: scale)
                var y = x
                Elementwise.softmax(&y, count: n)
                let largest = x.map(Double.init).max() ?? 0
                let exponentials = x.map { exp(Double($0) - largest) }
                let sum = exponentials.reduce(0, +)
                for i in 0..<n {
                    let exact = exponentials[i] / sum
                    // The difference to the largest is rounded before the exponential, which magnifies it.
                    let rounding = abs(Double(x[i]) - largest) * 0x1p-24 + 12 * 0x1p-24
                    XCTAssertEqual(
                        Double(y[i]), exact, accuracy: rounding * exact + 1.2e-38, "value \(i) of \(n), scale \(scale)")
                }
            }
        }
    }

    func testSoftmaxOfExtremes() {
        func softmax(_ x: [Float]) -> [Float] {
            var y = x
            Elementwise.softmax(&y, count: x.count)
            return y
        }
        XCTAssertEqual(softmax([5]), [1])
        XCTAssertEqual(softmax([-.infinity, 0, -.infinity]), [0, 1, 0])
        XCTAssertEqual(softmax([Float](repeating: -3e38, count: 16)), [Float](repeating: 1 / 16, count: 16))
        XCTAssertEqual(softmax([Float](repeating: 3e38, count: 9)).first ?? 0, 1 / 9, accuracy: 1e-8)
        XCTAssertEqual(softmax([3e38, -3e38, 0, 1, 2, 3, 4, 5, 6]), [1, 0, 0, 0, 0, 0, 0, 0, 0])
        XCTAssertEqual(softmax([.leastNonzeroMagnitude * 7, 0, .leastNonzeroMagnitude]), [1 / 3, 1 / 3, 1 / 3])
        for place in [0, 7, 8, 9] {
            var x = [Float](repeating: 1, count: 10)
            x[place] = .nan
            XCTAssertTrue(softmax(x).allSatisfy(\.isNaN), "one NaN, at \(place)")
        }
        XCTAssertTrue(softmax([.infinity, 1]).contains { $0.isNaN }, "an infinite score is no probability")
        XCTAssertTrue(softmax([Float](repeating: -.infinity, count: 11)).allSatisfy(\.isNaN), "nothing to attend to")
    }

    /// The same values give the same bits wherever they lie among the lanes.
    func testSoftmaxDoesNotDependOnThePlaceAmongTheLanes() {
        for place in 0..<19 {
            var x = [Float](repeating: -.infinity, count: 19)
            x[place] = 0
            x[(place + 5) % 19] = -1.25
            Elementwise.softmax(&x, count: 19)
            var pair: [Float] = [0, -1.25]
            Elementwise.softmax(&pair, count: 2)
            XCTAssertEqual([x[place], x[(place + 5) % 19]], pair, "place \(place)")
        }
    }

    func testGate() {
        for n in Self.lengths {
            let g = random(n, seed: 8, scale: 6)
            let u = random(n, seed: 9)
            var y = [Float](repeating: .nan, count: n)
            Elementwise.gate(g, u, into: &y, count: n)
            for i in 0..<n {
                let exact = Double(g[i]) / (1 + exp(-Double(g[i]))) * Double(u[i])
                XCTAssertEqual(Double(y[i]), exact, accuracy: 6 * 0x1p-24 * abs(exact), "value \(i) of \(n)")
            }
            var inPlace = g
            Elementwise.gate(inPlace, u, into: &inPlace, count: n)
            XCTAssertEqual(inPlace, y, "in place, \(n) values")
        }
    }

    func testLogistic() {
        for n in Self.lengths {
            let x = random(n, seed: 10, scale: 6)
            var y = x
            Elementwise.logistic(&y, count: n)
            for i in 0..<n {
                let exact = 1 / (1 + exp(-Double(x[i])))
                XCTAssertEqual(Double(y[i]), exact, accuracy: 6 * 0x1p-24 * exact, "value \(i) of \(n)")
            }
        }
        var extremes: [Float] = [0, -0.0, 100, -100, 1e30, -1e30, .infinity, -.infinity, .nan, -87.25]
        Elementwise.logistic(&extremes, count: extremes.count)
        XCTAssertEqual(Array(extremes[0..<8]), [0.5, 0.5, 1, 0, 1, 0, 1, 0])
        XCTAssertTrue(extremes[8].isNaN)
        XCTAssertEqual(Double(extremes[9]), exp(-87.25), accuracy: 1e-44)
    }

    func testGateOfExtremes() {
        let tiny = Float.leastNonzeroMagnitude * 8
        let g: [Float] = [0, -0.0, 100, -100, 1e30, -1e30, .infinity, tiny, .nan, -87.5]
        var y = [Float](repeating: 7, count: g.count)
        Elementwise.gate(g, [Float](repeating: 2, count: g.count), into: &y, count: g.count)
        XCTAssertEqual(Array(y[0..<8]), [0, 0, 200, 0, 2e30, 0, .infinity, tiny])
        XCTAssertTrue(y[8].isNaN)
        XCTAssertEqual(y[9], 0, accuracy: 1e-35)
    }
}
