import DataFiles
import TensorCore
import XCTest

/// Eigendecompositions and Cholesky decompositions against numpy and scipy, and at the edges.
final class DecompositionTests: XCTestCase {
    private func cases() throws -> [(LinearAlgebraReference.Symmetric, SymmetricMatrix)] {
        let cases = try LinearAlgebraReference.load().symmetric
        XCTAssertEqual(cases.count, 8)
        return cases.map { ($0, SymmetricMatrix(size: $0.size, upperTriangleOf: $0.matrix)) }
    }

    // MARK: - Eigenvalues and eigenvectors

    func testEigenvaluesAndTheLeadingEigenvector() throws {
        for (test, matrix) in try cases() {
            let scale = test.eigenvalues.map(abs).max() ?? 1
            for count in [test.size, 1] {
                let eigen = try SymmetricEigendecomposition(of: matrix, largest: count)
                let name = "\(test.name), \(count) eigenvalues"
                assertVectorsClose(eigen.eigenvalues, test.eigenvalues.suffix(count), 1e-14 * scale, name)
                let vector = Array(eigen.vector(count - 1))
                let largest = try XCTUnwrap(vector.max { abs($0) < abs($1) })
                assertVectorsClose(
                    vector.map { largest < 0 ? -$0 : $0 }, test.leading, 1e-12, "\(name), leading vector")
            }
        }
    }

    /// Σ λ v vᵀ is the matrix, and the vectors are orthonormal.
    func testEigenvectorsMakeTheMatrix() throws {
        var generator = SeededGenerator(seed: 22)
        for size in [2, 10, 65, 96] {
            let rows = (0..<(size - 1) * size).map { _ in generator.gaussian() }
            let matrix = SymmetricMatrix(scatterOfRows: rows, columns: size)
            let eigen = try SymmetricEigendecomposition(of: matrix)
            XCTAssertEqual(eigen.eigenvalues, eigen.eigenvalues.sorted(), "size \(size)")
            let vectors = (0..<size).map { Array(eigen.vector($0)) }
            var sum = [Double](repeating: 0, count: size * size)
            for (value, vector) in zip(eigen.eigenvalues, vectors) {
                for row in 0..<size {
                    for column in 0..<size { sum[row * size + column] += value * vector[row] * vector[column] }
                }
            }
            assertVectorsClose(sum, matrix.values, 1e-13 * matrix.trace, "size \(size): Σ λ v vᵀ")
            let products = SymmetricMatrix(gramOfRows: vectors.flatMap { $0 }, columns: size)
            let identity = (0..<size * size).map { $0 % (size + 1) == 0 ? 1.0 : 0 }
            // dsyevr promises orthogonality to some size · 2⁻⁵².
            assertVectorsClose(products.values, identity, 1e-12, "size \(size): products of eigenvectors")
            XCTAssertEqual(try SymmetricEigendecomposition(of: matrix).vector(size - 1), eigen.vector(size - 1))
        }
    }

    func testMinimumNormSolution() throws {
        for (test, matrix) in try cases() {
            let solution = try SymmetricEigendecomposition(of: matrix).minimumNormSolution(test.right)
            let scale = test.minimumNorm.map(abs).max() ?? 1
            assertVectorsClose(solution, test.minimumNorm, 1e-12 * scale, test.name)
        }
        let zeros = try SymmetricEigendecomposition(of: SymmetricMatrix(zerosOfSize: 3))
        XCTAssertEqual(zeros.minimumNormSolution([1, 2, 3]), [0, 0, 0])
    }

    // MARK: - Cholesky

    func testCholeskySolvesWhatIsPositiveDefinite() throws {
        for (test, matrix) in try cases() {
            let decomposition = try CholeskyDecomposition(of: matrix)
            XCTAssertEqual(decomposition != nil, test.solution != nil, "\(test.name): positive definite")
            guard let expected = test.solution else { continue }
            let solution = try XCTUnwrap(decomposition).solving(test.right)
            // Relative to each element: those of the badly scaled matrix are 1e16 apart.
            assertVectorsClose(
                zip(solution, expected).map { $0 / $1 }, expected.map { _ in 1 }, 1e-10, "\(test.name): x / reference")
        }
    }

    func testSemidefiniteMatricesAreNotSolved() throws {
        XCTAssertNil(try CholeskyDecomposition(of: SymmetricMatrix(zerosOfSize: 1)))
        XCTAssertNil(try CholeskyDecomposition(of: SymmetricMatrix(size: 1, upperTriangleOf: [-1])))
        // Rows so alike that rounding alone makes the last pivot: LAPACK itself takes either for definite.
        let almost = SymmetricMatrix(size: 2, upperTriangleOf: [1, 1, 1, 1 + 4 * Double.ulpOfOne])
        XCTAssertNil(try CholeskyDecomposition(of: almost))
        XCTAssertNotNil(try CholeskyDecomposition(of: almost, tolerance: 0))
        let distinct = SymmetricMatrix(size: 2, upperTriangleOf: [1, 1, 1, 1 + 1e-9])
        XCTAssertEqual(try CholeskyDecomposition(of: distinct)?.solving([0, 1e-9])[1] ?? 0, 1, accuracy: 1e-5)
    }

    // MARK: - Edges

    func testEmptyMatrix() throws {
        let empty = SymmetricMatrix(zerosOfSize: 0)
        XCTAssertEqual(try SymmetricEigendecomposition(of: empty).eigenvalues, [])
        XCTAssertEqual(try CholeskyDecomposition(of: empty)?.solving([]), [])
    }

    func testNonFiniteValuesAreErrors() throws {
        for value in [Double.nan, .infinity, -.infinity] {
            for place in 0..<9 {
                var values: [Double] = [4, 1, 1, 1, 4, 1, 1, 1, 4]
                values[place] = value
                values[place % 3 * 3 + place / 3] = value
                let matrix = SymmetricMatrix(size: 3, upperTriangleOf: values)
                XCTAssertThrowsError(try SymmetricEigendecomposition(of: matrix)) {
                    XCTAssertEqual(($0 as? LAPACKError)?.routine, "dsyevr", "\($0)")
                    XCTAssertEqual(($0 as? LAPACKError)?.info, -6, "\($0)")
                }
                XCTAssertThrowsError(try CholeskyDecomposition(of: matrix)) {
                    XCTAssertEqual(
                        "\($0)",
                        "LAPACK's dpotrf failed: argument 4 has a value that is NaN, infinite or not allowed (info -4)")
                }
            }
            let identity = SymmetricMatrix(size: 2, upperTriangleOf: [1, 0, 0, 1])
            XCTAssertThrowsError(try CholeskyDecomposition(of: identity)?.solving([1, value])) {
                XCTAssertEqual(($0 as? LAPACKError)?.routine, "dpotrs", "\($0)")
            }
        }
    }

    /// As large and as small as doubles get, without overflow in between.
    func testExtremeScales() throws {
        for scale in [1e-300, 1e300] {
            let matrix = SymmetricMatrix(size: 2, upperTriangleOf: [2 * scale, scale, scale, 2 * scale])
            let eigen = try SymmetricEigendecomposition(of: matrix)
            assertVectorsClose(eigen.eigenvalues.map { $0 / scale }, [1, 3], 1e-14, "scale \(scale)")
            let solution = try CholeskyDecomposition(of: matrix)?.solving([3 * scale, 3 * scale])
            assertVectorsClose(solution ?? [], [1, 1], 1e-14, "scale \(scale)")
        }
    }
}
