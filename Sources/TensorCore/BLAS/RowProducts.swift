import COpenBLAS
import DataFiles

/// Products of the rows of two matrices with each other, in double precision.
public enum RowProducts {
    /// C ← C + A·Bᵀ: the dot product of every row of A with every row of B. O(rows of A × rows of B × columns).
    ///
    /// - Parameters:
    ///   - first: A, row-major, [m, columns].
    ///   - second: B, row-major, [n, columns].
    ///   - result: C, row-major, [m, n].
    /// - Precondition: `result` has a value for each pair of rows.
    public static func add(_ first: [Double], _ second: [Double], columns: Int, to result: inout [Double]) {
        let (m, n) = (rowCount(first, columns), rowCount(second, columns))
        precondition(result.count == m * n, "The product of \(m) and \(n) rows has \(m * n) values.")
        guard m > 0, n > 0 else { return }
        OpenBLAS.prepare()
        cblas_dgemm(
            CblasRowMajor, CblasNoTrans, CblasTrans, OpenBLAS.dimension(m), OpenBLAS.dimension(n),
            OpenBLAS.dimension(columns), 1, first, OpenBLAS.dimension(columns), second, OpenBLAS.dimension(columns), 1,
            &result, OpenBLAS.dimension(n))
    }
}
