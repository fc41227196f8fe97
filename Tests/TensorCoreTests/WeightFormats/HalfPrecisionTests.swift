import CWeightKernels
import TensorCore
import XCTest

final class HalfPrecisionTests: XCTestCase {
    /// Every number of half precision comes back, and what lies between two goes to the nearer one, halfway to the even.
    func testHalfPrecisionRoundsToNearestEven() {
        func packed(_ values: [Float], _ kernels: headsteer_kernels) -> [UInt16] {
            var halves = [UInt16](repeating: 0xaaaa, count: values.count)
            kernels.pack_half(values, values.count, &halves)
            return halves
        }
        for (name, kernels) in allKernels() {
            let all = (0..<UInt16(0x7c00)).map { $0 }
            let values = all.map { HalfPrecision.float(fromBinary16: $0) }
            XCTAssertEqual(packed(values, kernels), all, name)
            XCTAssertEqual(packed(values.map { -$0 }, kernels), all.map { $0 | 0x8000 }, name)
            let middles = zip(values, values.dropFirst()).map { ($0 + $1) / 2 }
            XCTAssertEqual(packed(middles, kernels), all.dropLast().map { $0 + $0 % 2 }, "halfway, \(name)")
            XCTAssertEqual(packed(middles.map(\.nextDown), kernels), Array(all.dropLast()), "below, \(name)")
            XCTAssertEqual(packed(middles.map(\.nextUp), kernels), Array(all.dropFirst()), "above, \(name)")
            XCTAssertEqual(
                packed([65519, 65520, .infinity, -.infinity, 1e30], kernels), [0x7bff, 0x7c00, 0x7c00, 0xfc00, 0x7c00],
                name)
            XCTAssertTrue(HalfPrecision.float(fromBinary16: packed([.nan], kernels)[0]).isNaN, name)
        }
    }
}
