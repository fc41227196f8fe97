extension Matrix {
    /// The mean of every column, summed in double precision, as a matrix of one row.
    package func columnMeans() -> Matrix {
        let means = (0..<columns).map { column in
            Float((0..<rows).reduce(0.0) { $0 + Double(self[$1, column]) } / Double(max(rows, 1)))
        }
        return Matrix(rows: 1, columns: columns, elements: means)
    }
}
