import TensorCore

/// An estimate of the inverse curvature from the steps so far (L-BFGS; Nocedal & Wright, Numerical Optimization, 2nd
/// edition, algorithm 7.4), which improves on the curvature at the start.
package struct LimitedMemoryBFGS {
    private struct Pair {
        /// A step, and what it changed the gradient by.
        var step, change: [Double]
        /// 1 / (step · change)
        var inverse: Double
    }

    private let initial: CholeskyDecomposition
    private var pairs: [Pair] = []

    /// - Parameter initial: the curvature at the start.
    package init(initial: CholeskyDecomposition) { self.initial = initial }

    /// The step to subtract: the estimated inverse curvature times the gradient. O(size² + steps × size).
    package func step(_ gradient: [Double]) throws(LAPACKError) -> [Double] {
        var direction = gradient
        var weights: [Double] = []
        for pair in pairs.reversed() {
            let weight = pair.inverse * dot(pair.step, direction)
            direction.add(pair.change[...], times: -weight)
            weights.append(weight)
        }
        direction = try initial.solving(direction)
        for (pair, weight) in zip(pairs, weights.reversed()) {
            direction.add(pair.step[...], times: weight - pair.inverse * dot(pair.change, direction))
        }
        return direction
    }

    /// Takes note of a step, unless it says nothing about the curvature.
    mutating func append(from start: [Double], _ gradient: [Double], to end: [Double], _ endGradient: [Double]) {
        append(step: zip(end, start).map { $0 - $1 }, change: zip(endGradient, gradient).map { $0 - $1 })
    }

    /// Takes note of a step and of what it changed the gradient by.
    package mutating func append(step: [Double], change: [Double]) {
        let product = dot(step, change)
        guard product > 0, (1 / product).isFinite else { return }
        pairs.append(Pair(step: step, change: change, inverse: 1 / product))
    }
}
