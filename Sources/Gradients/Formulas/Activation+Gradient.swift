import Foundation
import TensorCore
import Transformer

extension Activation {
    /// Replaces g and u by their gradients, given the gradient d of y = a(g) · u: g ← d · u · a′(g), u ← d · a(g); n
    /// values.
    ///
    /// Without u, y = a(g).
    ///
    /// - Parameter scratch: room for n values.
    func takeBack(
        _ d: UnsafePointer<Float>, _ g: UnsafeMutablePointer<Float>, _ u: UnsafeMutablePointer<Float>?,
        scratch: UnsafeMutablePointer<Float>, count n: Int
    ) {
        switch self {
        case .silu:
            scratch.update(from: g, count: n)
            Elementwise.logistic(scratch, count: n)
            Self.replace(d, g, u, n) { i, x in
                let s = scratch[i]
                return (x * s, s * (1 + x * (1 - s)))
            }
        case .gelu:
            Self.replace(d, g, u, n) { _, x in
                let x = Double(x)
                let share = 0.5 * (1 + erf(x * 0.5.squareRoot()))
                let density = exp(-0.5 * x * x) / (2 * Double.pi).squareRoot()
                return (Float(x * share), Float(share + x * density))
            }
        case .geluTanh:
            // (1 + tanh(k)) / 2 is the logistic function of 2 k.
            let factor = Float(2 * (2 / Double.pi).squareRoot())
            for i in 0..<n { scratch[i] = factor * (g[i] + 0.044715 * g[i] * g[i] * g[i]) }
            Elementwise.logistic(scratch, count: n)
            Self.replace(d, g, u, n) { i, x in
                let s = scratch[i]
                return (x * s, s + x * s * (1 - s) * factor * (1 + 3 * 0.044715 * x * x))
            }
        case .reluSquared:
            Self.replace(d, g, u, n) { _, x in
                let positive = max(0, x)
                return (positive * positive, 2 * positive)
            }
        }
    }

    /// - Parameter a: the value and the derivative at x.
    @inline(__always)
    private static func replace(
        _ d: UnsafePointer<Float>, _ g: UnsafeMutablePointer<Float>, _ u: UnsafeMutablePointer<Float>?, _ n: Int,
        _ a: (_ i: Int, _ x: Float) -> (value: Float, derivative: Float)
    ) {
        guard let u else {
            for i in 0..<n { g[i] = d[i] * a(i, g[i]).derivative }
            return
        }
        for i in 0..<n {
            let (value, derivative) = a(i, g[i])
            g[i] = d[i] * u[i] * derivative
            u[i] = d[i] * value
        }
    }
}

extension LimitedGate {
    /// The same for gpt-oss's gate; at the limits themselves, the derivative is the one between the limits.
    func takeBack(
        _ d: UnsafePointer<Float>, _ g: UnsafeMutablePointer<Float>, _ u: UnsafeMutablePointer<Float>,
        scratch: UnsafeMutablePointer<Float>, count n: Int
    ) {
        for i in 0..<n { scratch[i] = slope * min(g[i], limit) }
        Elementwise.logistic(scratch, count: n)
        for i in 0..<n {
            let (x, s) = (min(g[i], limit), scratch[i])
            let linear = max(-limit, min(u[i], limit)) + 1
            let isBelow = g[i] <= limit
            let isBetween = abs(u[i]) <= limit
            g[i] = isBelow ? d[i] * linear * s * (1 + slope * x * (1 - s)) : 0
            u[i] = isBetween ? d[i] * x * s : 0
        }
    }
}
