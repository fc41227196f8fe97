import TensorCore
import Transformer

/// The memory of the backward pass, kept from one pass to the next: each buffer holds the gradient of what it is named
/// after.
final class GradientBuffers {
    /// The residual stream, [R, M].
    let residual = FloatBuffer()
    /// The residual stream after a block whose parts are side by side, [R, M].
    let after = FloatBuffer()
    /// The output that attention or the MLP adds to the residual stream, [R, M].
    let projected = FloatBuffer()
    /// The normalised input of a block's parts, [R, M].
    let normalized = FloatBuffer()
    /// [R, H, D]
    let z = FloatBuffer()
    /// [R, H, D]
    let query = FloatBuffer()
    /// [R, K, D]
    let key = FloatBuffer()
    /// [R, K, D]
    let value = FloatBuffer()
    /// Keys and values for each query head, [R, H, D], before those of a group are added up.
    let keyOfHead = FloatBuffer()
    let valueOfHead = FloatBuffer()
    /// The input of the MLP's down projection, [R, F].
    let mlpPost = FloatBuffer()
    /// The router's scores, [R, experts].
    let router = FloatBuffer()
    /// Scratch memory, one buffer per worker.
    let scratch: [FloatBuffer]

    init(workers: Int) { scratch = (0..<workers).map { _ in FloatBuffer() } }
}

extension FloatBuffer {
    /// Reserves room for `count` values and sets them to zero.
    func reserveZeros(_ count: Int) -> UnsafeMutablePointer<Float> {
        let start = reserve(count)
        start.update(repeating: 0, count: count)
        return start
    }
}
