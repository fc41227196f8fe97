import COpenBLAS
import DataFiles

/// A symmetric matrix in double precision with both triangles stored, for statistics.
public struct SymmetricMatrix: Sendable, Equatable {
    /// The number of rows and of columns.
    public let size: Int
    /// The elements, row-major, [size, size].
    public private(set) var values: [Double]

    /// A matrix of zeros, [size, size].
    ///
    /// - Precondition: a size of 0 or more.
    public init(zerosOfSize size: Int) {
        precondition(size >= 0, "A matrix has no negative size.")
        self.size = size
        values = Array(repeating: 0, count: size * size)
    }

    /// - Parameter values: row-major, [size, size]; only the upper triangle is used.
    /// - Precondition: size × size values.
    public init(size: Int, upperTriangleOf values: [Double]) {
        precondition(size >= 0 && values.count == size * size, "A symmetric matrix has size × size values.")
        self.size = size
        self.values = values
        mirror()
    }

    /// The element at a row and a column; setting it also sets its mirror image.
    public subscript(row: Int, column: Int) -> Double {
        get { values[row * size + column] }
        set {
            values[row * size + column] = newValue
            values[column * size + row] = newValue
        }
    }

    /// The sum of the diagonal.
    public var trace: Double { (0..<size).reduce(0) { $0 + self[$1, $1] } }

    /// Adds `value` to each element of the diagonal.
    public mutating func addToDiagonal(_ value: Double) {
        for index in 0..<size { values[index * size + index] += value }
    }

    /// Adds the other matrix × `factor`.
    ///
    /// - Precondition: both matrices have the same size.
    public mutating func add(_ other: SymmetricMatrix, times factor: Double) {
        precondition(other.size == size, "A sum needs matrices of one size.")
        OpenBLAS.prepare()
        cblas_daxpy(OpenBLAS.dimension(values.count), factor, other.values, 1, &values, 1)
    }
}

// MARK: - Products of a matrix with itself

extension SymmetricMatrix {
    /// The Gram matrix XXᵀ, [rows, rows]: the dot products of all rows of X with each other. O(rows² × columns).
    ///
    /// - Parameter values: X, row-major, [rows, columns].
    public init(gramOfRows values: [Double], columns: Int) {
        let rows = rowCount(values, columns)
        self.init(zerosOfSize: rows)
        addProduct(of: values, columns: columns, CblasNoTrans, size: rows, depth: columns)
    }

    /// The scatter matrix XᵀX, [columns, columns]: the sum of the outer product of each row with itself. O(rows ×
    /// columns²).
    ///
    /// - Parameter values: X, row-major, [rows, columns].
    public init(scatterOfRows values: [Double], columns: Int) {
        let rows = rowCount(values, columns)
        self.init(zerosOfSize: columns)
        addProduct(of: values, columns: columns, CblasTrans, size: columns, depth: rows)
    }

    private mutating func addProduct(
        of matrix: [Double], columns: Int, _ transpose: CBLAS_TRANSPOSE, size: Int, depth: Int
    ) {
        guard !matrix.isEmpty else { return }
        OpenBLAS.prepare()
        cblas_dsyrk(
            CblasRowMajor, CblasUpper, transpose, OpenBLAS.dimension(size), OpenBLAS.dimension(depth), 1, matrix,
            OpenBLAS.dimension(columns), 0, &values, OpenBLAS.dimension(size))
        mirror()
    }

    /// Copies the upper triangle into the lower one.
    private mutating func mirror() {
        let size = size
        values.withUnsafeMutableBufferPointer { values in
            for row in 1..<max(size, 1) {
                for column in 0..<row { values[row * size + column] = values[column * size + row] }
            }
        }
    }
}
