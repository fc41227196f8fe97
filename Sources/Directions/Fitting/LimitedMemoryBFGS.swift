/// An estimate of the inverse curvature from the steps so far, which improves on the curvature at the start (L-BFGS;
/// Nocedal & Wright, Numerical Optimization, 2nd edition, algorithm 7.4).
package struct LimitedMemoryBFGS {
    private struct Pair {
        /// A step, and the change of the gradient along it.
        var step, change: [Double]
        /// 1 / (step · change)
        var inverse: Double
    }

    private var pairs: [Pair] = []

    package init() {}

    /// The step to subtract, which is the estimated inverse curvature times the gradient; O(steps × size), plus the
    /// time of `initial`.
    /// - Parameter initial: multiplies by the inverse of the curvature at the start.
    package func step<Failure: Error>(
        _ gradient: [Double], initial: ([Double]) throws(Failure) -> [Double]
    ) throws(Failure) -> [Double] {
        let (direction, weights) = beforeInitial(gradient)
        return afterInitial(try initial(direction), weights)
    }

    /// The vector to multiply by the inverse of the curvature at the start, and the weights that ``afterInitial(_:_:)``
    /// takes with the product.
    ///
    /// In two halves, so that many problems can share one product.
    package func beforeInitial(_ gradient: [Double]) -> (direction: [Double], weights: [Double]) {
        var direction = gradient
        var weights = [Double](repeating: 0, count: pairs.count)
        for index in pairs.indices.reversed() {
            weights[index] = pairs[index].inverse * dot(pairs[index].step, direction)
            direction.add(pairs[index].change[...], times: -weights[index])
        }
        return (direction, weights)
    }

    /// The step to subtract.
    package func afterInitial(_ product: [Double], _ weights: [Double]) -> [Double] {
        var direction = product
        for (pair, weight) in zip(pairs, weights) {
            direction.add(pair.step[...], times: weight - pair.inverse * dot(pair.change, direction))
        }
        return direction
    }

    /// Records a step, unless it says nothing about the curvature.
    mutating func append(from start: [Double], _ gradient: [Double], to end: [Double], _ endGradient: [Double]) {
        append(step: zip(end, start).map { $0 - $1 }, change: zip(endGradient, gradient).map { $0 - $1 })
    }

    /// Records a step and the change of the gradient along it.
    package mutating func append(step: [Double], change: [Double]) {
        let product = dot(step, change)
        guard product > 0, (1 / product).isFinite else { return }
        pairs.append(Pair(step: step, change: change, inverse: 1 / product))
    }
}
