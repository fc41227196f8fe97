import TensorCore
import Transformer

/// The memory of the backward pass, kept from one pass to the next: gradients of what its names say.
final class GradientBuffers {
    /// The residual stream, [R, M].
    let residual = FloatBuffer()
    /// The residual stream after a block whose parts lie side by side, [R, M].
    let after = FloatBuffer()
    /// What attention or MLP add to it, [R, M].
    let projected = FloatBuffer()
    /// What a block's parts read, normed, [R, M].
    let normalized = FloatBuffer()
    /// [R, H, D]
    let z = FloatBuffer()
    /// [R, H, D]
    let query = FloatBuffer()
    /// [R, K, D]
    let key = FloatBuffer()
    /// [R, K, D]
    let value = FloatBuffer()
    /// Keys and values by query head, [R, H, D], before those of a group are added up.
    let keyOfHead = FloatBuffer()
    let valueOfHead = FloatBuffer()
    /// The input of the MLP's down projection, [R, F].
    let mlpPost = FloatBuffer()
    /// What the router says, [R, experts].
    let router = FloatBuffer()
    /// Scratch memory, one buffer for each worker.
    let scratch: [FloatBuffer]

    init(workers: Int) { scratch = (0..<workers).map { _ in FloatBuffer() } }
}

extension FloatBuffer {
    /// Room for values that are all zero.
    func reserveZeros(_ count: Int) -> UnsafeMutablePointer<Float> {
        let start = reserve(count)
        start.update(repeating: 0, count: count)
        return start
    }
}
