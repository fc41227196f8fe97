import COpenBLAS
import DataFiles

/// Products of row-major matrices with vectors, in double precision.
public enum MatrixVectorProducts {
    /// Xv, [rows]: the dot product of every row with the vector. O(rows × columns).
    ///
    /// - Parameters:
    ///   - matrix: X, row-major, [rows, columns].
    ///   - vector: v, [columns].
    /// - Precondition: the vector must be as long as the matrix is wide.
    public static func product(_ matrix: [Double], columns: Int, times vector: [Double]) -> [Double] {
        let rows = rowCount(matrix, columns)
        precondition(vector.count == columns, "The vector must be as long as the matrix is wide.")
        return product(matrix, rows: rows, columns: columns, CblasNoTrans, vector, count: rows)
    }

    /// Xᵀv, [columns]: the sum of all rows, each times its element of the vector. O(rows × columns).
    ///
    /// - Parameters:
    ///   - matrix: X, row-major, [rows, columns].
    ///   - vector: v, [rows].
    /// - Precondition: the vector must be as long as the matrix is high.
    public static func transposedProduct(_ matrix: [Double], columns: Int, times vector: [Double]) -> [Double] {
        let rows = rowCount(matrix, columns)
        precondition(vector.count == rows, "The vector must be as long as the matrix is high.")
        return product(matrix, rows: rows, columns: columns, CblasTrans, vector, count: columns)
    }

    private static func product(
        _ matrix: [Double], rows: Int, columns: Int, _ transpose: CBLAS_TRANSPOSE, _ vector: [Double], count: Int
    ) -> [Double] {
        guard !matrix.isEmpty else { return Array(repeating: 0, count: count) }
        OpenBLAS.prepare()
        return Array(unsafeUninitializedCapacity: count) { result, initialised in
            // With a factor of 0, the previous contents are not read.
            cblas_dgemv(
                CblasRowMajor, transpose, OpenBLAS.dimension(rows), OpenBLAS.dimension(columns), 1, matrix,
                OpenBLAS.dimension(columns), vector, 1, 0, result.baseAddress, 1)
            initialised = count
        }
    }
}

/// The number of rows of a row-major matrix.
func rowCount(_ values: [Double], _ columns: Int) -> Int {
    precondition(
        columns > 0 && values.count.isMultiple(of: columns), "A matrix has whole rows of one column or more.")
    return values.count / columns
}
