import DataFiles
import XCTest

@testable import TensorCore

/// The decomposition in float32 against LAPACK's in double precision.
final class FloatCholeskyTests: XCTestCase {
    /// XXᵀ + I of random rows X.
    private func matrix(_ size: Int, seed: UInt64) -> SymmetricMatrix {
        var generator = SeededGenerator(seed: seed)
        let columns = size / 2 + 1
        var matrix = SymmetricMatrix(
            gramOfRows: (0..<size * columns).map { _ in generator.gaussian() }, columns: columns)
        matrix.addToDiagonal(1)
        return matrix
    }

    func testSolutionsAreThoseInDoublePrecision() throws {
        for size in [1, 2, 5, 31, 32, 33, 64, 65, 96, 129, 200] {
            let matrix = matrix(size, seed: UInt64(size))
            var generator = SeededGenerator(seed: 99)
            let right = (0..<size).map { _ in generator.gaussian() }
            let exact = try XCTUnwrap(CholeskyDecomposition(of: matrix)).solving(right)
            // What lies below the diagonal doesn't count.
            var values = matrix.values.map { Float($0) }
            for row in 0..<size { for column in 0..<row { values[row * size + column] = .nan } }
            let decomposition = try XCTUnwrap(FloatCholesky(upperTriangleOf: values, size: size), "size \(size)")
            var solution = right.map { Float($0) }
            decomposition.solve(&solution)
            let largest = exact.map(abs).max() ?? 0
            for index in 0..<size {
                XCTAssertEqual(
                    Double(solution[index]), exact[index], accuracy: 1e-4 * largest, "size \(size), element \(index)")
            }
        }
    }

    func testWhatIsNotPositiveDefiniteHasNone() {
        var singular = matrix(40, seed: 3).values.map { Float($0) }
        // Row 35 is row 34 again.
        for index in 0..<40 { singular[35 * 40 + index] = singular[34 * 40 + index] }
        for index in 0..<40 { singular[index * 40 + 35] = singular[index * 40 + 34] }
        XCTAssertNil(FloatCholesky(upperTriangleOf: singular, size: 40))
        XCTAssertNil(FloatCholesky(upperTriangleOf: [1, 2, 2, 1], size: 2))
        XCTAssertNil(FloatCholesky(upperTriangleOf: [-1], size: 1))
        XCTAssertNil(FloatCholesky(upperTriangleOf: [1, .nan, 0, 1], size: 2))
        XCTAssertNil(FloatCholesky(upperTriangleOf: [.infinity], size: 1))
        XCTAssertNotNil(FloatCholesky(upperTriangleOf: [2, 1, 1, 2], size: 2))
    }
}
