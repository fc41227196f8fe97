import CWeightKernels

/// The address of a row-major matrix of float32 values, without its size.
public struct FloatRows {
    /// The first value.
    public let start: UnsafePointer<Float>
    /// The distance from one row to the next, in values.
    public let stride: Int

    /// Rows `stride` values apart.
    public init(_ start: UnsafePointer<Float>, stride: Int) {
        self.start = start
        self.stride = stride
    }
}

/// Products of float32 matrices, on the calling thread.
///
/// A value's bits depend only on the row and the column that it is the product of, and on the instruction set. So the
/// rows and columns of a product may be divided in any way.
public enum FloatProducts {
    /// How a product is stored in C: multiplied by `factor`, and either added to C or written over it.
    public struct Target {
        let start: UnsafeMutablePointer<Float>
        let stride: Int
        let factor: Float
        let isAdded: Bool

        /// - Parameters:
        ///   - start: C's first value; rows are `stride` apart.
        ///   - factor: the number that the product is multiplied by.
        ///   - isAdded: whether the product is added to C rather than written over it.
        public init(_ start: UnsafeMutablePointer<Float>, stride: Int, times factor: Float = 1, isAdded: Bool = false) {
            self.start = start
            self.stride = stride
            self.factor = factor
            self.isAdded = isAdded
        }
    }

    /// A·B with A [m, k] and B [k, n], k ≥ 1. O(m · n · k).
    public static func product(_ a: FloatRows, _ b: FloatRows, m: Int, n: Int, k: Int, into c: Target) {
        headsteer_add_product(
            m, n, k, a.start, a.stride, 1, b.start, b.stride, c.factor, c.isAdded ? 1 : 0, c.start, c.stride)
    }

    /// Aᵀ·B with A [k, m] and B [k, n], k ≥ 1. O(m · n · k).
    public static func product(transposed a: FloatRows, _ b: FloatRows, m: Int, n: Int, k: Int, into c: Target) {
        headsteer_add_product(
            m, n, k, a.start, 1, a.stride, b.start, b.stride, c.factor, c.isAdded ? 1 : 0, c.start, c.stride)
    }

    /// A·Bᵀ with A [m, k] and B [n, k], the dot products of their rows. O(m · n · k).
    ///
    /// If A has many rows, using ``transpose(_:m:n:into:stride:)`` on B first halves the time.
    ///
    /// - Parameter c: [m, n], rows `stride` apart; it is overwritten.
    public static func product(
        _ a: FloatRows, transposed b: FloatRows, m: Int, n: Int, k: Int, into c: UnsafeMutablePointer<Float>,
        stride: Int
    ) {
        headsteer_rows_dot_batch(
            Int32(WeightFormat.f32.rawValue), b.start, b.stride * MemoryLayout<Float>.stride, n, k, a.start, a.stride,
            m, c, stride, nil)
    }

    /// Aᵀ, [n, m], of A [m, n]. O(m · n).
    ///
    /// - Parameter c: Aᵀ, rows `stride` apart; it is overwritten.
    public static func transpose(
        _ a: FloatRows, m: Int, n: Int, into c: UnsafeMutablePointer<Float>, stride: Int
    ) {
        // Eight columns at a time, so that their cache lines stay in the cache while the rows go past, even if the
        // columns are a power of two apart.
        for first in Swift.stride(from: 0, to: n, by: 8) {
            let end = min(first + 8, n)
            for row in 0..<m {
                let values = a.start + row &* a.stride
                for column in first..<end { c[column &* stride &+ row] = values[column] }
            }
        }
    }
}
