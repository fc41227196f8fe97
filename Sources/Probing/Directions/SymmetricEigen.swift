/// All eigenvalues and eigenvectors of a symmetric matrix.
struct SymmetricEigen {
    /// In no order.
    private(set) var eigenvalues: [Double]
    /// Row k is the unit eigenvector of eigenvalue k: row-major, [size, size].
    private var vectors: [Double]

    /// Cyclic Jacobi rotations (Golub & Van Loan, Matrix Computations, 8.5): slow for large matrices, O(size³) a sweep
    /// with about 8 sweeps, and accurate for every one.
    init(of matrix: SymmetricMatrix) {
        let size = matrix.size
        var values = matrix.values
        var vectors = [Double](repeating: 0, count: size * size)
        for index in 0..<size { vectors[index * size + index] = 1 }
        let total = dot(values, values)
        values.withUnsafeMutableBufferPointer { values in
            vectors.withUnsafeMutableBufferPointer { vectors in
                for _ in 0..<60 {
                    var offDiagonal = 0.0
                    for row in 0..<size {
                        for column in 0..<row {
                            offDiagonal += 2 * values[row * size + column] * values[row * size + column]
                        }
                    }
                    if offDiagonal <= total * 1e-30 { break }
                    for first in 0..<size {
                        for second in first + 1..<max(size, first + 1) {
                            Self.rotate(values, vectors, size, first, second)
                        }
                    }
                }
            }
        }
        eigenvalues = (0..<size).map { values[$0 * size + $0] }
        self.vectors = vectors
    }

    /// Makes the element (first, second) zero.
    private static func rotate(
        _ values: UnsafeMutableBufferPointer<Double>, _ vectors: UnsafeMutableBufferPointer<Double>, _ size: Int,
        _ first: Int, _ second: Int
    ) {
        let element = values[first * size + second]
        guard element != 0 else { return }
        let ratio = (values[second * size + second] - values[first * size + first]) / (2 * element)
        let tangent = (ratio < 0 ? -1 : 1) / (abs(ratio) + (1 + ratio * ratio).squareRoot())
        let cosine = 1 / (1 + tangent * tangent).squareRoot()
        let sine = tangent * cosine
        for index in 0..<size {
            let (left, right) = (values[index * size + first], values[index * size + second])
            values[index * size + first] = cosine * left - sine * right
            values[index * size + second] = sine * left + cosine * right
        }
        for index in 0..<size {
            let (left, right) = (values[first * size + index], values[second * size + index])
            values[first * size + index] = cosine * left - sine * right
            values[second * size + index] = sine * left + cosine * right
        }
        for index in 0..<size {
            let (left, right) = (vectors[first * size + index], vectors[second * size + index])
            vectors[first * size + index] = cosine * left - sine * right
            vectors[second * size + index] = sine * left + cosine * right
        }
    }

    func vector(_ index: Int) -> ArraySlice<Double> {
        let size = eigenvalues.count
        return vectors[index * size..<(index + 1) * size]
    }

    /// The index of the largest eigenvalue.
    var largest: Int { eigenvalues.indices.max { eigenvalues[$0] < eigenvalues[$1] } ?? 0 }

    /// The least-squares solution of smallest norm of A x = b.
    func solving(_ right: [Double]) -> [Double] {
        let size = eigenvalues.count
        let cutoff = (eigenvalues.map(abs).max() ?? 0) * Double(size) * Double.ulpOfOne
        var solution = [Double](repeating: 0, count: size)
        for (index, eigenvalue) in eigenvalues.enumerated() where abs(eigenvalue) > cutoff {
            solution.add(vector(index), times: dot(vector(index), right[...]) / eigenvalue)
        }
        return solution
    }
}
