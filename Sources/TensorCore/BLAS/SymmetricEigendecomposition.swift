import COpenBLAS
import DataFiles

/// Eigenvalues and unit eigenvectors of a symmetric matrix (LAPACK's `dsyevr`).
///
/// The same matrix gives the same bits with the same library. The library chooses the sign of an eigenvector; callers
/// that need a certain sign have to fix it by a rule of their own.
public struct SymmetricEigendecomposition: Sendable {
    /// The size of the matrix.
    public let size: Int
    /// The eigenvalues in increasing order.
    public let eigenvalues: [Double]
    /// Row k is the unit eigenvector of eigenvalue k; row-major, [eigenvalues, size].
    private let vectors: [Double]

    /// Decomposes a matrix; O(size³): about 4/3 · size³ multiplications, and as many again for all eigenvectors.
    ///
    /// - Parameter count: the number of eigenvalues to find, the largest ones; all by default.
    /// - Throws: `LAPACKError` if the matrix holds a value that is NaN or infinite, or the algorithm fails.
    /// - Precondition: `count` of 0 or more, and at most as many as the matrix has rows.
    public init(of matrix: SymmetricMatrix, largest count: Int? = nil) throws(LAPACKError) {
        let size = matrix.size
        let count = count ?? size
        precondition((0...size).contains(count), "A matrix has no more eigenvalues than rows.")
        guard matrix.values.allSatisfy(\.isFinite) else { throw LAPACKError("dsyevr", info: -6) }
        self.size = size
        guard count > 0 else {
            (eigenvalues, vectors) = ([], [])
            return
        }
        OpenBLAS.prepare()
        // The routine overwrites it. The matrix is symmetric, so it is the same in column-major order, in which the
        // k-th eigenvector is the k-th run of `size` values.
        var values = matrix.values
        var eigenvalues = [Double](repeating: 0, count: size)
        var vectors = [Double](repeating: 0, count: size * count)
        var support = [LAPACKInteger](repeating: 0, count: 2 * count)
        var found: LAPACKInteger = 0
        let order: LAPACKInteger = OpenBLAS.dimension(size)
        let info = LAPACKE_dsyevr(
            LAPACK_COL_MAJOR, OpenBLAS.letter("V"), OpenBLAS.letter(count == size ? "A" : "I"), OpenBLAS.letter("L"),
            order, &values, order, 0, 0,
            order - LAPACKInteger(count) + 1, order, 0, &found, &eigenvalues, &vectors, order, &support)
        guard info == 0, Int(found) == count else { throw LAPACKError("dsyevr", info: info == 0 ? 1 : Int(info)) }
        self.eigenvalues = Array(eigenvalues.prefix(count))
        self.vectors = vectors
    }

    /// The unit eigenvector of an eigenvalue, [size].
    public func vector(_ index: Int) -> ArraySlice<Double> { vectors[index * size..<(index + 1) * size] }

    /// The least-squares solution of smallest norm of A x = b, for a matrix that may be singular. O(size²).
    ///
    /// Eigenvalues below size · 2⁻⁵² × the largest magnitude count as 0.
    ///
    /// - Precondition: the decomposition has all eigenvectors, and the right-hand side is as long as the matrix is
    ///   wide.
    public func minimumNormSolution(_ right: [Double]) -> [Double] {
        precondition(eigenvalues.count == size, "A solution needs all eigenvectors.")
        precondition(right.count == size, "The right-hand side must be as long as the matrix is wide.")
        guard size > 0 else { return [] }
        let cutoff = (eigenvalues.map(abs).max() ?? 0) * Double(size) * Double.ulpOfOne
        let coordinates = MatrixVectorProducts.product(vectors, columns: size, times: right)
        let scaled = zip(coordinates, eigenvalues).map { abs($1) > cutoff ? $0 / $1 : 0 }
        return MatrixVectorProducts.transposedProduct(vectors, columns: size, times: scaled)
    }
}
