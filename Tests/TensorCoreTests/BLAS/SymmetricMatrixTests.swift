import DataFiles
import TensorCore
import XCTest

final class SymmetricMatrixTests: XCTestCase {
    func testProductsAgreeWithNumPy() throws {
        let cases = try LinearAlgebraReference.load().products
        XCTAssertEqual(cases.count, 5)
        for test in cases {
            let name = "[\(test.rows.count / test.columns), \(test.columns)]"
            let gram = SymmetricMatrix(gramOfRows: test.rows, columns: test.columns)
            assertVectorsClose(gram.values, test.gram, 1e-13, "\(name): XXᵀ")
            let scatter = SymmetricMatrix(scatterOfRows: test.rows, columns: test.columns)
            assertVectorsClose(scatter.values, test.scatter, 1e-13, "\(name): XᵀX")
            let product = MatrixVectorProducts.product(test.rows, columns: test.columns, times: test.right)
            assertVectorsClose(product, test.product, 1e-13, "\(name): Xv")
            let transposed = MatrixVectorProducts.transposedProduct(test.rows, columns: test.columns, times: test.left)
            assertVectorsClose(transposed, test.transposedProduct, 1e-13, "\(name): Xᵀv")
        }
    }

    /// Of the sizes that occur, and on both sides of the blocks that kernels work in.
    func testProductsAgreeWithPlainLoops() {
        var generator = SeededGenerator(seed: 21)
        for (rows, columns) in [(1, 64), (2, 2), (33, 7), (64, 65), (77, 65), (96, 64), (130, 3)] {
            let x = (0..<rows * columns).map { _ in generator.gaussian() }
            var gram = [Double](repeating: 0, count: rows * rows)
            var scatter = [Double](repeating: 0, count: columns * columns)
            for first in 0..<rows {
                for second in 0..<rows {
                    for column in 0..<columns {
                        gram[first * rows + second] += x[first * columns + column] * x[second * columns + column]
                    }
                }
                for left in 0..<columns {
                    for right in 0..<columns {
                        scatter[left * columns + right] += x[first * columns + left] * x[first * columns + right]
                    }
                }
            }
            let name = "[\(rows), \(columns)]"
            let product = SymmetricMatrix(gramOfRows: x, columns: columns)
            assertVectorsClose(product.values, gram, 1e-12, "\(name): XXᵀ")
            let sum = SymmetricMatrix(scatterOfRows: x, columns: columns)
            assertVectorsClose(sum.values, scatter, 1e-12, "\(name): XᵀX")
            XCTAssertEqual(sum, SymmetricMatrix(scatterOfRows: x, columns: columns), "\(name): the same bits again")
            XCTAssertEqual(sum.trace, product.trace, accuracy: 1e-10, "\(name): both traces are Σ x²")
            for row in 0..<columns {
                for column in 0..<row where sum[row, column] != sum[column, row] {
                    XCTFail("\(name): XᵀX isn't symmetric at \(row), \(column)")
                }
            }
        }
    }

    func testElementsAndSums() {
        var matrix = SymmetricMatrix(size: 2, upperTriangleOf: [1, 2, 99, 4])
        XCTAssertEqual(matrix.values, [1, 2, 2, 4])
        matrix[1, 0] = 7
        XCTAssertEqual(matrix.values, [1, 7, 7, 4])
        matrix.addToDiagonal(0.5)
        XCTAssertEqual(matrix.trace, 6)
        matrix.add(SymmetricMatrix(size: 2, upperTriangleOf: [1, 1, 0, 2]), times: -2)
        XCTAssertEqual(matrix.values, [-0.5, 5, 5, 0.5])
    }

    func testNoRows() {
        XCTAssertEqual(SymmetricMatrix(gramOfRows: [], columns: 3).values, [])
        XCTAssertEqual(SymmetricMatrix(scatterOfRows: [], columns: 2).values, [0, 0, 0, 0])
        XCTAssertEqual(MatrixVectorProducts.product([], columns: 2, times: [1, 2]), [])
        XCTAssertEqual(MatrixVectorProducts.transposedProduct([], columns: 2, times: []), [0, 0])
    }

    /// A NaN of the input is seen in what depends on it and nowhere else, whatever memory held before.
    func testNaNStaysWhereItBelongs() {
        let rows: [Double] = [1, 2, .nan, 4, 5, 6]
        let gram = SymmetricMatrix(gramOfRows: rows, columns: 2)
        XCTAssertEqual(gram.values.map(\.isNaN), [false, true, false, true, true, true, false, true, false])
        XCTAssertEqual(
            MatrixVectorProducts.product(rows, columns: 2, times: [1, 1]).map(\.isNaN), [false, true, false])
        XCTAssertEqual(
            MatrixVectorProducts.transposedProduct(rows, columns: 2, times: [1, 1, 1]).map(\.isNaN), [true, false])
    }
}
