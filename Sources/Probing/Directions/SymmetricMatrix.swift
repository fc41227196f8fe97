/// A symmetric matrix in double precision, both triangles stored.
struct SymmetricMatrix {
    let size: Int
    /// Row-major, [size, size].
    var values: [Double]

    init(zerosOfSize size: Int) {
        self.size = size
        values = Array(repeating: 0, count: size * size)
    }

    subscript(row: Int, column: Int) -> Double {
        get { values[row * size + column] }
        set { values[row * size + column] = newValue }
    }

    var trace: Double { (0..<size).reduce(0) { $0 + self[$1, $1] } }

    /// Adds xxᵀ × `factor` to the upper triangle.
    mutating func addOuterProduct(of vector: ArraySlice<Double>, times factor: Double) {
        precondition(vector.count == size, "An outer product needs a vector as long as the matrix is wide.")
        let size = size
        values.withUnsafeMutableBufferPointer { values in
            vector.withUnsafeBufferPointer { vector in
                for row in 0..<size {
                    let scaled = vector[row] * factor
                    for column in row..<size { values[row * size + column] += scaled * vector[column] }
                }
            }
        }
    }

    /// Copies the upper triangle to the lower one.
    mutating func mirror() {
        for row in 0..<size {
            for column in row + 1..<max(size, row + 1) { self[column, row] = self[row, column] }
        }
    }

    func times(_ vector: [Double]) -> [Double] {
        (0..<size).map { dot(values[$0 * size..<($0 + 1) * size], vector[...]) }
    }

    /// The solution of A x = b by Cholesky decomposition A = UᵀU; nil if the matrix isn't positive definite, to working
    /// precision. Reads the upper triangle alone. O(size³ / 6).
    func solvingPositiveDefinite(_ right: [Double]) -> [Double]? {
        precondition(right.count == size, "The right-hand side must be as long as the matrix is wide.")
        let size = size
        var upper = values
        var solution = right
        let isDefinite = upper.withUnsafeMutableBufferPointer { upper in
            for pivot in 0..<size {
                let diagonal = upper[pivot * size + pivot]
                guard diagonal > self[pivot, pivot] * 1e-13 else { return false }
                let root = diagonal.squareRoot()
                for column in pivot..<size { upper[pivot * size + column] /= root }
                for row in pivot + 1..<max(size, pivot + 1) {
                    let factor = upper[pivot * size + row]
                    for column in row..<size { upper[row * size + column] -= factor * upper[pivot * size + column] }
                }
            }
            return true
        }
        guard isDefinite else { return nil }
        for row in 0..<size {
            solution[row] /= upper[row * size + row]
            for later in row + 1..<max(size, row + 1) { solution[later] -= upper[row * size + later] * solution[row] }
        }
        for row in (0..<size).reversed() {
            let start = row * size
            solution[row] -= dot(upper[start + row + 1..<start + size], solution[(row + 1)...])
            solution[row] /= upper[start + row]
        }
        return solution
    }
}
