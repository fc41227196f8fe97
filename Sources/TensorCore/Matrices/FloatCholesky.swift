import DataFiles

/// The Cholesky decomposition A = LLᵀ of a symmetric positive definite matrix in float32, computed by the SIMD kernels.
///
/// It is meant for preconditioners, which don't have to be exact; for exact solutions see ``CholeskyDecomposition``.
/// The same matrix gives the same bits on one machine.
public struct FloatCholesky: Sendable {
    /// The rows and columns of a block, which dot products take at once.
    private static let block = 32

    /// The number of rows and of columns of A.
    public let size: Int
    private let stride: Int
    /// L, row-major, [size, stride], zero above the diagonal.
    private let factor: [Float]
    /// 1 / the diagonal of L.
    private let inverses: [Float]

    /// Decomposes a matrix with O(size³ / 6) multiplications, most of them in products of blocks.
    ///
    /// - Parameters:
    ///   - values: A, row-major, [size, size]; only the upper triangle is used.
    ///   - tolerance: every pivot has to be more than this times the diagonal element that it came from; 1e-6 is
    ///     slightly above float32's rounding.
    /// - Returns: nil if the matrix isn't positive definite to working precision, or holds a value that is not a
    ///   number.
    /// - Precondition: a size of 1 or more, and size × size values.
    public init?(upperTriangleOf values: [Float], size: Int, tolerance: Float = 1e-6) {
        precondition(size > 0 && values.count == size * size, "A symmetric matrix has size × size values.")
        // An odd number of cache lines, because rows a power of two apart would share a few places of the cache.
        let stride = (size + 31) & ~31 | 16
        var factor = [Float](repeating: 0, count: size * stride)
        var inverses = [Float](repeating: 0, count: size)
        // Columns of L, one below the other, [block, size].
        var panel = [Float](repeating: 0, count: Self.block * size)
        for first in Swift.stride(from: 0, to: size, by: Self.block) {
            let width = min(Self.block, size - first)
            let isPositive = factor.withUnsafeMutableBufferPointer { factor in
                panel.withUnsafeMutableBufferPointer { panel in
                    guard let factor = factor.baseAddress, let panel = panel.baseAddress else { return false }
                    Self.fill(panel, first, width, values, factor, size: size, stride: stride)
                    guard
                        Self.eliminate(panel, first, width, values, &inverses, size: size, tolerance: tolerance)
                    else { return false }
                    for column in 0..<width {
                        for row in first + column..<size {
                            factor[row * stride + first + column] = panel[column * size + row]
                        }
                    }
                    return true
                }
            }
            guard isPositive else { return nil }
        }
        self.size = size
        self.stride = stride
        self.factor = factor
        self.inverses = inverses
    }

    /// The block's columns of A − LLᵀ, with the part of L that is known so far.
    private static func fill(
        _ panel: UnsafeMutablePointer<Float>, _ first: Int, _ width: Int, _ values: [Float],
        _ factor: UnsafeMutablePointer<Float>, size: Int, stride: Int
    ) {
        if first > 0 {
            let rows = factor + first * stride
            DotProducts.run(
                n: first, rows, rows: width, strideX: stride, rows, rows: size - first, strideW: stride,
                into: panel + first, strideY: size)
        }
        values.withUnsafeBufferPointer { values in
            for column in 0..<width {
                let (target, source) = (panel + column * size, (first + column) * size)
                for row in first + column..<size {
                    target[row] = values[source + row] - (first > 0 ? target[row] : 0)
                }
            }
        }
    }

    private static func eliminate(
        _ panel: UnsafeMutablePointer<Float>, _ first: Int, _ width: Int, _ values: [Float], _ inverses: inout [Float],
        size: Int, tolerance: Float
    ) -> Bool {
        for column in 0..<width {
            let row = first + column
            let own = panel + column * size
            guard own[row] > tolerance * values[row * size + row], own[row].isFinite else { return false }
            let root = own[row].squareRoot()
            inverses[row] = 1 / root
            Elementwise.scale(own + row, by: 1 / root, count: size - row)
            own[row] = root
            for later in column + 1..<max(width, column + 1) {
                let start = first + later
                Elementwise.add(
                    -own[start], times: own + start, to: panel + later * size + start, count: size - start)
            }
        }
        return true
    }

    /// Solves A x = b in place; b has `size` values. O(size²).
    public func solve(_ right: UnsafeMutablePointer<Float>) {
        factor.withUnsafeBufferPointer { factor in
            guard let factor = factor.baseAddress else { return }
            for row in 0..<size {
                right[row] = (right[row] - Elementwise.dot(factor + row * stride, right, count: row)) * inverses[row]
            }
            for row in (0..<size).reversed() {
                right[row] *= inverses[row]
                Elementwise.add(-right[row], times: factor + row * stride, to: right, count: row)
            }
        }
    }
}
