import CWeightKernels

/// The operations of a transformer other than matrix products, on rows of float32 values.
///
/// Sums run over lanes in a fixed order, so results don't depend on the machine or on the number of threads.
public enum Elementwise {
    /// y ← y + x, n values.
    @inline(__always)
    public static func add(_ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, count n: Int) {
        var i = 0
        while i &+ 8 <= n {
            store(load(y, i) + load(x, i), y, i)
            i &+= 8
        }
        while i < n {
            y[i] += x[i]
            i &+= 1
        }
    }

    /// y ← y + a·x, n values.
    @inline(__always)
    public static func add(
        _ a: Float, times x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, count n: Int
    ) {
        var i = 0
        while i &+ 8 <= n {
            store(load(y, i) + load(x, i) * a, y, i)
            i &+= 8
        }
        while i < n {
            y[i] += a * x[i]
            i &+= 1
        }
    }

    /// y ← a·y, n values.
    @inline(__always)
    public static func scale(_ y: UnsafeMutablePointer<Float>, by a: Float, count n: Int) {
        var i = 0
        while i &+ 8 <= n {
            store(load(y, i) * a, y, i)
            i &+= 8
        }
        while i < n {
            y[i] *= a
            i &+= 1
        }
    }

    /// Σ xᵢ·yᵢ over n values.
    @inline(__always)
    public static func dot(_ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, count n: Int) -> Float {
        var first = SIMD8<Float>(repeating: 0)
        var second = SIMD8<Float>(repeating: 0)
        var i = 0
        while i &+ 16 <= n {
            first += load(x, i) * load(y, i)
            second += load(x, i &+ 8) * load(y, i &+ 8)
            i &+= 16
        }
        if i &+ 8 <= n {
            first += load(x, i) * load(y, i)
            i &+= 8
        }
        var sum = (first + second).sum()
        while i < n {
            sum += x[i] * y[i]
            i &+= 1
        }
        return sum
    }

    /// Root-mean-square norm of one row: yᵢ = wᵢ · xᵢ / √(mean(x²) + ε), n values (Zhang & Sennrich 2019,
    /// arXiv 1910.07467).
    @inline(__always)
    public static func rmsNorm(
        _ x: UnsafePointer<Float>, weight w: UnsafePointer<Float>, epsilon: Float, into y: UnsafeMutablePointer<Float>,
        count n: Int
    ) {
        let square = dot(x, x, count: n)
        let scale =
            square.isFinite
            ? 1 / (square / Float(n) + epsilon).squareRoot() : scaleOfLargeValues(x, epsilon: epsilon, count: n)
        var i = 0
        while i &+ 8 <= n {
            store(load(w, i) * (load(x, i) * scale), y, i)
            i &+= 8
        }
        while i < n {
            y[i] = w[i] * (x[i] * scale)
            i &+= 1
        }
    }

    /// 1 / √(mean(x²) + ε) for squares that float32 can't hold, as under a very strong edit; otherwise the row would
    /// become 0.
    private static func scaleOfLargeValues(_ x: UnsafePointer<Float>, epsilon: Float, count n: Int) -> Float {
        var sum = 0.0
        for i in 0..<n { sum += Double(x[i]) * Double(x[i]) }
        return Float(1 / (sum / Double(n) + Double(epsilon)).squareRoot())
    }

    /// Softmax of one row in place: xᵢ ← e^(a·xᵢ − max) / Σ e^(a·xⱼ − max), where max is the largest a·xⱼ, n ≥ 1
    /// values.
    ///
    /// Exponentials are correct to within 2 units in the last place.
    ///
    /// - Parameter a: a factor that is applied first, 1 / √D for attention.
    @inline(__always)
    public static func softmax(_ x: UnsafeMutablePointer<Float>, scaledBy a: Float = 1, count n: Int) {
        headsteer_softmax(x, n, a)
    }

    /// The gate of a gated MLP: yᵢ = silu(gᵢ) · uᵢ with silu(g) = g / (1 + e^−g), n values (Shazeer 2020, arXiv
    /// 2002.05202). `y` may be `g`.
    @inline(__always)
    public static func gate(
        _ g: UnsafePointer<Float>, _ u: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, count n: Int
    ) {
        silu(g, times: u, into: y, count: n)
    }

    /// The logistic function in place: xᵢ ← 1 / (1 + e^−xᵢ), n values.
    @inline(__always)
    public static func logistic(_ x: UnsafeMutablePointer<Float>, count n: Int) { headsteer_logistic(x, n) }

    @inline(__always)
    private static func load(_ x: UnsafePointer<Float>, _ i: Int) -> SIMD8<Float> {
        UnsafeRawPointer(x + i).loadUnaligned(as: SIMD8<Float>.self)
    }

    @inline(__always)
    private static func load(_ x: UnsafeMutablePointer<Float>, _ i: Int) -> SIMD8<Float> {
        UnsafeRawPointer(x + i).loadUnaligned(as: SIMD8<Float>.self)
    }

    @inline(__always)
    private static func store(_ value: SIMD8<Float>, _ y: UnsafeMutablePointer<Float>, _ i: Int) {
        UnsafeMutableRawPointer(y + i).storeBytes(of: value, as: SIMD8<Float>.self)
    }
}
