import DataFiles
import XCTest
import _TestSupport

@testable import TensorCore

final class TriangularMatricesTests: XCTestCase {
    /// Products are those of the values rounded to 8 bits, by plain loops in double precision; sizes below, at and above a band.
    func testProductsAreThoseOfTheRoundedValues() throws {
        for size in [1, 4, 16, 31, 32, 33, 64, 80, 128] {
            var random = SeededGenerator(seed: UInt64(size))
            let count = 3
            // What is above the diagonal must not count.
            let values: [Float] = (0..<count * size * size).map { _ in Float(random.gaussian()) }
            let matrices = try XCTUnwrap(TriangularMatrices(size: size, values))
            XCTAssertEqual(matrices.count, count)
            let scratch = TriangularMatrices.Scratch(size: size)
            for matrix in 0..<count {
                let x: [Float] = (0..<size).map { _ in Float(random.gaussian() * 3) }
                var y = [Float](repeating: 0, count: size)
                matrices.multiply(matrix, x, into: &y, scratch: scratch)
                var (exact, plain) = ([Float](), [Float]())
                for row in 0..<size {
                    let begin = (matrix * size + row) * size
                    let own: ArraySlice<Float> = values[begin...(begin + row)]
                    var sums = (rounded: 0.0, plain: 0.0)
                    for start in stride(from: 0, through: row, by: 32) {
                        let group = own.dropFirst(start).prefix(32)
                        let (scale, codes) = TriangularMatrices.rounded(group)
                        let step = Double(HalfPrecision.float(fromBinary16: scale))
                        for (offset, code) in codes.enumerated() {
                            let factor = Double(x[start + offset])
                            sums.rounded += step * Double(code) * factor
                            sums.plain += Double(group[group.startIndex + offset]) * factor
                        }
                    }
                    exact.append(Float(sums.rounded))
                    plain.append(Float(sums.plain))
                }
                assertClose(y, exact, relative: 1e-6, "rounded, size \(size), matrix \(matrix)")
                assertClose(y, plain, relative: 0.02, "plain, size \(size), matrix \(matrix)")
            }
        }
    }

    func testRoundingKeepsTheLargestAndZeros() {
        let (scale, codes) = TriangularMatrices.rounded([0.5, -1, 0, 0.25])
        XCTAssertEqual(HalfPrecision.float(fromBinary16: scale), 1.0 / 127, accuracy: 1e-5)
        XCTAssertEqual(codes, [64, -127, 0, 32])
        XCTAssertEqual(TriangularMatrices.rounded([0, 0]).codes, [0, 0])
        XCTAssertEqual(TriangularMatrices.rounded([]).codes, [])
    }
}
