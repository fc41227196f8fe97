import Foundation

extension Elementwise {
    /// yᵢ = xᵢ / (1 + e^−xᵢ), n values; y may be x.
    public static func silu(_ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, count n: Int) {
        for i in 0..<n { y[i] = x[i] / (1 + exp(-x[i])) }
    }

    /// yᵢ = xᵢ Φ(xᵢ) with the normal distribution function Φ, n values (Hendrycks & Gimpel 2016, arXiv 1606.08415); y may be x.
    public static func gelu(_ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, count n: Int) {
        for i in 0..<n { y[i] = 0.5 * x[i] * (1 + erf(x[i] * 0.707_106_77)) }
    }

    /// The same with Φ(x) ≈ (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2.
    public static func geluTanh(_ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, count n: Int) {
        for i in 0..<n {
            let v = x[i]
            y[i] = 0.5 * v * (1 + tanh(0.797_884_6 * (v + 0.044715 * v * v * v)))
        }
    }

    /// gpt-oss's gate: yᵢ = g σ(α g) · (u + 1) with g = min(gᵢ, ℓ) and u = uᵢ between −ℓ and ℓ, n values (OpenAI 2025,
    /// arXiv 2508.10925). y may be g.
    public static func limitedGate(
        _ g: UnsafePointer<Float>, _ u: UnsafePointer<Float>, limit: Float, slope: Float,
        into y: UnsafeMutablePointer<Float>,
        count n: Int
    ) {
        for i in 0..<n {
            let gate = min(g[i], limit)
            let up = max(-limit, min(u[i], limit))
            y[i] = (up + 1) * (gate / (1 + exp(-slope * gate)))
        }
    }
}
