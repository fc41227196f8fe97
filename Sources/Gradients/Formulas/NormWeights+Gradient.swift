import TensorCore
import Transformer

extension NormWeights {
    /// Turns the gradient of a norm's output into that of its input x, in place; n values.
    ///
    /// With t = w ⊙ dy and s = 1 / √(mean(x²) + ε): dx = s t − s³ (t·x / n) x. A layer norm also subtracts the means of
    /// t and of t ⊙ x̂.
    ///
    /// - Parameter part: which norm's weights to take if there are several; 0 if there is one.
    func takeBack(
        _ description: NormDescription, _ x: UnsafePointer<Float>, _ gradient: UnsafeMutablePointer<Float>,
        part: Int = 0, count n: Int
    ) {
        weight.withUnsafeBufferPointer { weight in
            guard let start = weight.baseAddress else { return }
            let w = start + part * n
            for i in 0..<n { gradient[i] *= w[i] }
        }
        switch description.kind {
        case .rms: Self.rms(x, gradient, epsilon: Double(description.epsilon), count: n)
        case .layer: Self.layer(x, gradient, epsilon: Double(description.epsilon), count: n)
        }
    }

    private static func rms(
        _ x: UnsafePointer<Float>, _ t: UnsafeMutablePointer<Float>, epsilon: Double, count n: Int
    ) {
        let square = Double(Elementwise.dot(x, x, count: n))
        let scale = 1 / (square / Double(n) + epsilon).squareRoot()
        let along = Double(Elementwise.dot(x, t, count: n))
        let factor = Float(-scale * scale * scale * along / Double(n))
        Elementwise.scale(t, by: Float(scale), count: n)
        Elementwise.add(factor, times: x, to: t, count: n)
    }

    private static func layer(
        _ x: UnsafePointer<Float>, _ t: UnsafeMutablePointer<Float>, epsilon: Double, count n: Int
    ) {
        var (mean, square) = (0.0, 0.0)
        for i in 0..<n { mean += Double(x[i]) }
        mean /= Double(n)
        for i in 0..<n { square += (Double(x[i]) - mean) * (Double(x[i]) - mean) }
        let scale = 1 / (square / Double(n) + epsilon).squareRoot()
        var (sum, along) = (0.0, 0.0)
        for i in 0..<n {
            sum += Double(t[i])
            along += Double(t[i]) * (Double(x[i]) - mean) * scale
        }
        for i in 0..<n {
            let normed = (Double(x[i]) - mean) * scale
            t[i] = Float(scale * (Double(t[i]) - sum / Double(n) - normed * along / Double(n)))
        }
    }
}
