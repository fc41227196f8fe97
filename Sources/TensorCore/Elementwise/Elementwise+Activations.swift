import CWeightKernels

extension Elementwise {
    /// yᵢ = xᵢ / (1 + e^−xᵢ), n values; y may be x. If u is given, yᵢ is multiplied by uᵢ.
    public static func silu(
        _ x: UnsafePointer<Float>, times u: UnsafePointer<Float>? = nil, into y: UnsafeMutablePointer<Float>,
        count n: Int
    ) {
        headsteer_activate(Int32(HEADSTEER_SILU.rawValue), x, u, y, n)
    }

    /// yᵢ = xᵢ Φ(xᵢ) with the normal distribution function Φ, n values (Hendrycks & Gimpel 2016, arXiv 1606.08415); y
    /// may be x.
    ///
    /// If u is given, yᵢ is multiplied by uᵢ.
    public static func gelu(
        _ x: UnsafePointer<Float>, times u: UnsafePointer<Float>? = nil, into y: UnsafeMutablePointer<Float>,
        count n: Int
    ) {
        headsteer_activate(Int32(HEADSTEER_GELU.rawValue), x, u, y, n)
    }

    /// The same as ``gelu(_:times:into:count:)``, but with Φ(x) ≈ (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2.
    public static func geluTanh(
        _ x: UnsafePointer<Float>, times u: UnsafePointer<Float>? = nil, into y: UnsafeMutablePointer<Float>,
        count n: Int
    ) {
        headsteer_activate(Int32(HEADSTEER_GELU_TANH.rawValue), x, u, y, n)
    }

    /// yᵢ = xᵢ² for positive xᵢ, else 0, n values (So et al. 2021, arXiv 2109.08668); y may be x.
    ///
    /// If u is given, yᵢ is multiplied by uᵢ.
    public static func reluSquared(
        _ x: UnsafePointer<Float>, times u: UnsafePointer<Float>? = nil, into y: UnsafeMutablePointer<Float>,
        count n: Int
    ) {
        headsteer_activate(Int32(HEADSTEER_RELU_SQUARED.rawValue), x, u, y, n)
    }

    /// gpt-oss's gate: yᵢ = g σ(α g) · (u + 1) with g = min(gᵢ, ℓ) and u = uᵢ limited to between −ℓ and ℓ, n values
    /// (OpenAI 2025, arXiv 2508.10925); y may be g.
    public static func limitedGate(
        _ g: UnsafePointer<Float>, _ u: UnsafePointer<Float>, limit: Float, slope: Float,
        into y: UnsafeMutablePointer<Float>,
        count n: Int
    ) {
        headsteer_limited_gate(g, u, limit, slope, y, n)
    }

    /// xᵢ ← c · tanh(xᵢ / c), n values (Gemma Team 2024, arXiv 2408.00118).
    public static func softCap(_ x: UnsafeMutablePointer<Float>, at c: Float, count n: Int) {
        headsteer_soft_cap(x, c, n)
    }
}
