import TensorCore

/// The second derivatives of a logistic regression at some point, decomposed in float32, by which steps are first
/// scaled.
struct LogisticCurvature {
    /// Variables are scaled so that the diagonal is 1, because features may differ by many powers of ten.
    private let scales: [Float]
    private let decomposition: FloatCholesky

    /// - Parameters:
    ///   - scatter: Σ w x xᵀ, [size, size], with the intercept last; only the upper triangle is used. The penalty is
    ///     added.
    ///   - part: a part of the scatter to leave out, if there is one.
    ///   - factor: the factor that the scatter is multiplied by.
    /// - Returns: nil if it isn't finite, or can't be made positive definite.
    init?(ofScatter scatter: [Float], without part: [Float]? = nil, times factor: Float = 1, size: Int) {
        var matrix = scatter
        if let part { Self.subtract(part, from: &matrix) }
        var scales = [Float](repeating: 1, count: size)
        for index in 0..<size {
            let diagonal = matrix[index * size + index] * factor + (index < size - 1 ? 1 : 0)
            guard diagonal.isFinite else { return nil }
            if diagonal > 0 { scales[index] = 1 / diagonal.squareRoot() }
        }
        Self.scale(&matrix, by: scales, times: factor)
        for index in 0..<size { matrix[index * size + index] = 1 }
        // Sums in float32 may leave the intercept's row dependent on the others.
        var damping: Float = 1e-6
        while damping < 1e6 {
            if let decomposition = FloatCholesky(upperTriangleOf: matrix, size: size) {
                self.scales = scales
                self.decomposition = decomposition
                return
            }
            for index in 0..<size { matrix[index * size + index] += damping }
            damping *= 100
        }
        return nil
    }

    private static func subtract(_ part: [Float], from matrix: inout [Float]) {
        matrix.withUnsafeMutableBufferPointer { matrix in
            part.withUnsafeBufferPointer { part in
                for index in matrix.indices { matrix[index] -= part[index] }
            }
        }
    }

    /// Multiplies element i, j of the upper triangle by the scales of i and of j, and by the factor.
    private static func scale(_ matrix: inout [Float], by scales: [Float], times factor: Float) {
        matrix.withUnsafeMutableBufferPointer { matrix in
            scales.withUnsafeBufferPointer { scales in
                for row in scales.indices {
                    let (start, own) = (row * scales.count, scales[row] * factor)
                    for column in row..<scales.count { matrix[start + column] *= own * scales[column] }
                }
            }
        }
    }

    /// The inverse times the vector; O(size²).
    func solving(_ vector: [Double]) -> [Double] {
        // Near the minimum gradients are small: as multiples of their largest element they stay within float32's range.
        let largest = vector.reduce(0) { max($0, abs($1)) }
        guard largest > 0 else { return vector }
        return withUnsafeTemporaryAllocation(of: Float.self, capacity: vector.count) { solution in
            guard let solution = solution.baseAddress else { return vector }
            for index in vector.indices { solution[index] = Float(vector[index] / largest) * scales[index] }
            decomposition.solve(solution)
            return vector.indices.map { Double(solution[$0] * scales[$0]) * largest }
        }
    }
}
