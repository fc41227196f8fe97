import COpenBLAS
import DataFiles

/// The Cholesky decomposition A = LLᵀ of a symmetric positive definite matrix, which solves A x = b for any number of
/// right-hand sides (LAPACK's `dpotrf` and `dpotrs`; together they are `dposv`).
public struct CholeskyDecomposition: Sendable {
    /// The number of rows and of columns of A.
    public let size: Int
    /// L, column-major, in the lower triangle; the rest has no meaning.
    private let factor: [Double]

    /// Decomposes a matrix; O(size³ / 3).
    ///
    /// A matrix counts as positive definite if every pivot is more than `tolerance` times the diagonal element that it
    /// came from. If a row depends on those before it, rounding leaves pivots of about 1e-16 of that element, and
    /// solutions would be noise.
    ///
    /// - Parameter tolerance: 1e-13 by default, well above that rounding for matrices of a few hundred rows.
    /// - Returns: nil if the matrix isn't positive definite to working precision.
    /// - Throws: `LAPACKError` if the matrix holds a value that is NaN or infinite.
    public init?(of matrix: SymmetricMatrix, tolerance: Double = 1e-13) throws(LAPACKError) {
        let size = matrix.size
        guard matrix.values.allSatisfy(\.isFinite) else { throw LAPACKError("dpotrf", info: -4) }
        self.size = size
        guard size > 0 else {
            factor = []
            return
        }
        OpenBLAS.prepare()
        // A symmetric matrix is the same in row-major and column-major order, and LAPACKE transposes row-major
        // matrices. The `_work` forms leave out its search for NaN, which was done above.
        var factor = matrix.values
        let order: LAPACKInteger = OpenBLAS.dimension(size)
        let info = LAPACKE_dpotrf_work(LAPACK_COL_MAJOR, OpenBLAS.letter("L"), order, &factor, order)
        guard info >= 0 else { throw LAPACKError("dpotrf", info: Int(info)) }
        guard info == 0 else { return nil }
        for index in 0..<size {
            let root = factor[index * size + index]
            guard root * root > matrix[index, index] * tolerance else { return nil }
        }
        self.factor = factor
    }

    /// L⁻¹, row-major, [size, size], zero above the diagonal; O(size³ / 3).
    ///
    /// If x has the covariance A, L⁻¹ x has the unit matrix as its covariance.
    public func inverseFactor() -> [Double] {
        var inverse = [Double](repeating: 0, count: size * size)
        var solution = [Double](repeating: 0, count: size)
        for column in 0..<size {
            // L x = e by forward substitution, down the columns of L, whose values are contiguous.
            for row in column..<size { solution[row] = row == column ? 1 : 0 }
            solution.withUnsafeMutableBufferPointer { solution in
                factor.withUnsafeBufferPointer { factor in
                    for pivot in column..<size {
                        let value = solution[pivot] / factor[pivot * size + pivot]
                        solution[pivot] = value
                        for row in pivot + 1..<size {
                            solution[row] -= value * factor[pivot * size + row]
                        }
                    }
                }
            }
            for row in column..<size { inverse[row * size + column] = solution[row] }
        }
        return inverse
    }

    /// The solution of A x = b. O(size²).
    ///
    /// - Throws: `LAPACKError` if b holds a value that is NaN or infinite.
    /// - Precondition: the right-hand side must be as long as the matrix is wide.
    public func solving(_ right: [Double]) throws(LAPACKError) -> [Double] {
        precondition(right.count == size, "The right-hand side must be as long as the matrix is wide.")
        guard right.allSatisfy(\.isFinite) else { throw LAPACKError("dpotrs", info: -7) }
        guard size > 0 else { return [] }
        var solution = right
        let order: LAPACKInteger = OpenBLAS.dimension(size)
        let info = LAPACKE_dpotrs_work(
            LAPACK_COL_MAJOR, OpenBLAS.letter("L"), order, 1, factor, order, &solution, order)
        guard info == 0 else { throw LAPACKError("dpotrs", info: Int(info)) }
        return solution
    }
}
