extension Elementwise {
    /// Layer norm of one row: yᵢ = wᵢ · (xᵢ − mean(x)) / √(variance(x) + ε) + bᵢ, n values (Ba et al. 2016, arXiv 1607.06450).
    /// y may be x.
    ///
    /// - Parameter b: nil for none.
    public static func layerNorm(
        _ x: UnsafePointer<Float>, weight w: UnsafePointer<Float>, bias b: UnsafePointer<Float>?, epsilon: Float,
        into y: UnsafeMutablePointer<Float>, count n: Int
    ) {
        // In double precision: a mean that is large beside the spread would cost float32's last digits.
        var sum = 0.0
        for i in 0..<n { sum += Double(x[i]) }
        let mean = sum / Double(n)
        var squares = 0.0
        for i in 0..<n {
            let d = Double(x[i]) - mean
            squares += d * d
        }
        let scale = 1 / (squares / Double(n) + Double(epsilon)).squareRoot()
        for i in 0..<n {
            let normalized = Float((Double(x[i]) - mean) * scale)
            y[i] = normalized * w[i] + (b?[i] ?? 0)
        }
    }
}
