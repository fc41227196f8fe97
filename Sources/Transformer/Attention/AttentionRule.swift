import Foundation
import TensorCore

/// What stands between a query's products with keys and its weights on values: which positions it sees, scale, soft cap, sink
/// and softmax. One place for all passes.
struct AttentionRule {
    private let window: Int?
    private let scale: Float
    private let softCap: Float?
    /// One score for each query head.
    private let sinks: [Float]?

    init(_ description: AttentionDescription, _ weights: BlockWeights) {
        window = description.window
        scale = description.scale
        softCap = description.softCap
        sinks = weights.sinks
    }

    /// Whether ``normalize(_:count:position:head:)`` needs a value behind the scores.
    var hasSinks: Bool { sinks != nil }

    /// The first position that a query at a position sees.
    @inline(__always)
    func firstKey(of position: Int) -> Int { window.map { max(0, position &- $0 &+ 1) } ?? 0 }

    /// Turns products into weights, in place: zero for the positions before the first that the query sees.
    ///
    /// The sum's order depends on the number of positions that are seen alone.
    ///
    /// - Parameters:
    ///   - scores: the products with the keys of positions 0 ..< count, the query's own the last. One more value behind them
    ///     is overwritten where there are sinks.
    ///   - head: the query head.
    @inline(__always)
    func normalize(_ scores: UnsafeMutablePointer<Float>, count: Int, position: Int, head: Int) {
        let first = firstKey(of: position)
        let seen = scores + first
        var visible = count &- first
        var factor = scale
        if let softCap {
            for i in 0..<visible { seen[i] = softCap * tanh(seen[i] * scale / softCap) }
            factor = 1
        }
        if let sinks {
            // Softmax multiplies all values by the factor.
            if factor != 1 {
                Elementwise.scale(seen, by: factor, count: visible)
                factor = 1
            }
            seen[visible] = sinks[head]
            visible &+= 1
        }
        Elementwise.softmax(seen, scaledBy: factor, count: visible)
        if first > 0 { scores.update(repeating: 0, count: first) }
    }
}
