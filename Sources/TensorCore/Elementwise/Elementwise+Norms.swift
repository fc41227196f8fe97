import CWeightKernels

extension Elementwise {
    /// Layer norm of one row: yᵢ = wᵢ · (xᵢ − mean(x)) / √(variance(x) + ε) + bᵢ, n values (Ba et al. 2016, arXiv
    /// 1607.06450); y may be x.
    ///
    /// The mean and the variance are computed in double precision.
    ///
    /// - Parameter b: nil for none.
    public static func layerNorm(
        _ x: UnsafePointer<Float>, weight w: UnsafePointer<Float>, bias b: UnsafePointer<Float>?, epsilon: Float,
        into y: UnsafeMutablePointer<Float>, count n: Int
    ) {
        headsteer_layer_norm(x, w, b, epsilon, y, n)
    }
}
