import DataFiles
import TensorCore
import Transformer

/// What z of every head looks like on clean texts: its mean μ and a transform that whitens it.
///
/// With x = (z − μ) / s, where s is the root mean square of z around μ, and with Σ = L Lᵀ the shrunk covariance of x,
/// the whitened values y = L⁻¹ x have the unit matrix as their covariance. ‖y‖² is the squared Mahalanobis distance of
/// z from the clean mean: D on average over clean tokens.
///
/// Every token has to read all of L⁻¹, so products use it rounded to 8 bits (``TriangularMatrices``): 0.9 MB for the
/// 270 heads of a model of 135M parameters, a hundredth of its weights. Lengths ‖y‖² change by at most about 2 %.
/// Thresholds are found with the rounded values, so they hold.
public struct HeadEnvelope: Sendable {
    /// L, the number of layers.
    public let layers: Int
    /// H, the number of heads in a layer.
    public let heads: Int
    /// D, the size of a head.
    public let headSize: Int
    /// μ, [L, H, D].
    public let mean: [Float]
    /// s, [L, H].
    public let scale: [Float]
    /// L⁻¹ of all heads, lower triangular, [L, H, D, D], with values that binary16 can hold.
    let whitening: [Float]
    private let products: TriangularMatrices

    /// - Parameters:
    ///   - mean: [L, H, D].
    ///   - scale: [L, H], above 0.
    ///   - whitening: L⁻¹ of all heads, [L, H, D, D], with values that binary16 can hold.
    /// - Throws: `InputError` if there isn't enough memory for it.
    init(layers: Int, heads: Int, headSize: Int, mean: [Float], scale: [Float], whitening: [Float]) throws {
        precondition(
            mean.count == layers * heads * headSize && scale.count == layers * heads
                && whitening.count == mean.count * headSize,
            "An envelope has a mean, a scale and a transform for each head.")
        guard let products = TriangularMatrices(size: headSize, whitening) else {
            throw InputError(
                .badData, "no memory for a transform of \(whitening.count) values", in: "the envelope",
                remedy: "run on a machine with more memory")
        }
        self.layers = layers
        self.heads = heads
        self.headSize = headSize
        self.mean = mean
        self.scale = scale
        self.whitening = whitening
        self.products = products
    }

    /// Whitens z of one head.
    ///
    /// - Parameters:
    ///   - index: the head's number among all, layer · H + head.
    ///   - z: the head's z, [D].
    ///   - y: room for the whitened values, [D].
    @inline(__always)
    func whiten(
        _ index: Int, _ z: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, scratch: WhiteningScratch
    ) {
        let x = scratch.x.pointer
        let factor = 1 / scale[index]
        mean.withUnsafeBufferPointer { mean in
            guard let mean = mean.baseAddress else { return }
            let centre = mean + index * headSize
            for i in 0..<headSize { x[i] = (z[i] - centre[i]) * factor }
        }
        products.multiply(index, x, into: y, scratch: scratch.products)
    }
}

/// The memory that one thread's whitening needs.
final class WhiteningScratch {
    let x: FloatBuffer
    let products: TriangularMatrices.Scratch

    init(headSize: Int) {
        x = FloatBuffer(capacity: headSize)
        products = TriangularMatrices.Scratch(size: headSize)
    }
}
