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

    /// The solution of A x = b by Cholesky decomposition; nil if the matrix isn't positive definite, to working
    /// precision. O(size³ / 6).
    func solvingPositiveDefinite(_ right: [Double]) -> [Double]? {
        var factor = values
        var solution = right
        let isDefinite = factor.withUnsafeMutableBufferPointer { lower in
            for row in 0..<size {
                for column in 0...row {
                    var sum = lower[row * size + column]
                    for inner in 0..<column { sum -= lower[row * size + inner] * lower[column * size + inner] }
                    if column < row {
                        lower[row * size + column] = sum / lower[column * size + column]
                    } else {
                        guard sum > self[row, row] * 1e-13 else { return false }
                        lower[row * size + row] = sum.squareRoot()
                    }
                }
            }
            return true
        }
        guard isDefinite else { return nil }
        for row in 0..<size {
            for column in 0..<row { solution[row] -= factor[row * size + column] * solution[column] }
            solution[row] /= factor[row * size + row]
        }
        for row in (0..<size).reversed() {
            for below in row + 1..<max(size, row + 1) { solution[row] -= factor[below * size + row] * solution[below] }
            solution[row] /= factor[row * size + row]
        }
        return solution
    }
}
