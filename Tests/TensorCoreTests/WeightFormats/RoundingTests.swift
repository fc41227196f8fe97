import CWeightKernels
import DataFiles
import TensorCore
import XCTest

/// Rounding to planes of bytes, against plain loops.
final class RoundingTests: XCTestCase {
    /// Values of ordinary, equal, tiny and huge groups, and halfway cases.
    private func values() -> [Float] {
        var random = SeededGenerator(seed: 9)
        var x = (0..<256).map { _ in Float(random.gaussian()) }
        for i in 32..<64 { x[i] = 0 }
        x[64] = 127
        for i in 65..<96 { x[i] = Float(i - 80) + 0.5 }  // halfway: to the even neighbour
        for i in 96..<128 { x[i] *= 1e-36 }
        for i in 128..<160 { x[i] *= 1e37 }
        // The most that three planes hold, and one more.
        for i in 160..<192 { x[i] = i % 2 == 0 ? 8_355_711 : -8_355_712 }
        for i in 192..<224 { x[i] = i % 3 == 0 ? .leastNonzeroMagnitude : 0 }
        return x
    }

    func testOnePlane() {
        let x = values()
        for (name, kernels) in allKernels() {
            let rounded = RoundedVectors(x, count: 1, planes: 1, kernels: kernels)
            for (i, value) in x.enumerated() {
                let largest = x[(i / 32 * 32)..<(i / 32 * 32 + 32)].map(abs).max() ?? 0
                let isNothing = largest < 1e-30
                XCTAssertEqual(rounded.groups[i / 32].scale, isNothing ? 0 : largest / 127, "group \(i / 32), \(name)")
                let expected = isNothing ? 0 : Int((value * (127 / largest)).rounded(.toNearestOrEven))
                XCTAssertEqual(rounded.number(i), expected, "value \(i), \(name)")
            }
            checkSums(rounded, name)
        }
    }

    /// The scale is a power of two, the largest number has 23 bits and no value is off by more than half of the scale.
    func testThreePlanes() {
        let x = values()
        for (name, kernels) in allKernels() {
            let rounded = RoundedVectors(x, count: 1, planes: 3, kernels: kernels)
            for group in 0..<(x.count / 32) {
                let places = (group * 32)..<(group * 32 + 32)
                let scale = rounded.groups[group].scale
                XCTAssertEqual(scale.significand, 1, "group \(group), \(name)")
                let largest = places.map { abs(rounded.number($0)) }.max() ?? 0
                XCTAssertLessThanOrEqual(largest, 8_355_711, "group \(group), \(name)")
                if scale > .leastNormalMagnitude, largest > 0 {
                    XCTAssertGreaterThan(largest, 4_177_000, "group \(group), \(name)")
                }
                for i in places {
                    XCTAssertLessThanOrEqual(
                        abs(rounded.value(i) - Double(x[i])), 0.5 * Double(scale), "value \(i), \(name)")
                }
            }
            checkSums(rounded, name)
        }
    }

    /// What a group says of its numbers' sums.
    private func checkSums(_ rounded: RoundedVectors, _ name: String, line: UInt = #line) {
        for (index, group) in rounded.groups.enumerated() {
            func sum(_ range: Range<Int>) -> Int { range.reduce(0) { $0 + rounded.number(index * 32 + $1) } }
            /// The sums of 256 · plane 0 + plane 1, and of plane 2; of one plane the sum and nothing above it.
            func planes(_ range: Range<Int>) -> (high: Int, low: Int) {
                if rounded.planes == 1 { return (0, sum(range)) }
                let low = range.reduce(0) { $0 + Int(rounded.codes[(index * 3 + 2) * 32 + $1]) }
                return ((sum(range) - low) / 256, low)
            }
            let message = "group \(index), \(name)"
            XCTAssertEqual(group.sum, group.scale * Float(sum(0..<32)), message, line: line)
            XCTAssertEqual(group.half_sums.0, group.scale * Float(sum(0..<16)), message, line: line)
            XCTAssertEqual(group.half_sums.1, group.scale * Float(sum(16..<32)), message, line: line)
            XCTAssertEqual(Int(group.minus_high), -planes(0..<32).high, message, line: line)
            XCTAssertEqual(Int(group.minus_low), -planes(0..<32).low, message, line: line)
            XCTAssertEqual(Int(group.half_minus_high.0), -planes(0..<16).high, message, line: line)
            XCTAssertEqual(Int(group.half_minus_high.1), -planes(16..<32).high, message, line: line)
            XCTAssertEqual(Int(group.half_minus_low.0), -planes(0..<16).low, message, line: line)
            XCTAssertEqual(Int(group.half_minus_low.1), -planes(16..<32).low, message, line: line)
        }
    }
}
