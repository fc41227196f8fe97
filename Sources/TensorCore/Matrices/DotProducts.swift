import CWeightKernels

/// Dot products of float32 rows with rows of float32 values or stored weights, computed by the SIMD kernels.
public enum DotProducts {
    /// Y[i, j] = xᵢ · wⱼ, each a sum over n values.
    ///
    /// X is [m, n] with rows `strideX` apart, W is [k, n] with rows `strideW` apart, and Y is [m, k] with rows
    /// `strideY` apart. The order of a sum depends only on n and on the instruction set.
    @inline(__always)
    public static func run(
        n: Int, _ x: UnsafePointer<Float>, rows m: Int, strideX: Int, _ w: UnsafePointer<Float>, rows k: Int,
        strideW: Int, into y: UnsafeMutablePointer<Float>, strideY: Int
    ) {
        guard m > 0, k > 0 else { return }
        headsteer_rows_dot_batch(
            Int32(WeightFormat.f32.rawValue), w, strideW &* MemoryLayout<Float>.stride, k, n, x, strideX, m, y, strideY,
            nil)
    }

    /// The same with W in a stored format, with rows `bytesPerRow` apart.
    ///
    /// - Parameter scratch: room for the strip of W that many rows of X share, ``scratchCount(n:)`` values.
    @inline(__always)
    public static func run(
        n: Int, _ x: UnsafePointer<Float>, rows m: Int, strideX: Int, _ format: WeightFormat, _ w: UnsafeRawPointer,
        rows k: Int, bytesPerRow: Int, into y: UnsafeMutablePointer<Float>, strideY: Int,
        scratch: UnsafeMutablePointer<Float>
    ) {
        guard m > 0, k > 0 else { return }
        headsteer_rows_dot_batch(
            Int32(format.rawValue), w, bytesPerRow, k, n, x, strideX, m, y, strideY, scratch)
    }

    /// The number of scratch values that products of n values with stored weights need.
    public static func scratchCount(n: Int) -> Int { headsteer_scratch(n) }
}
