/// An estimate of the inverse curvature from the steps so far (L-BFGS; Nocedal & Wright, Numerical Optimization, 2nd
/// edition, algorithm 7.4), which improves on the curvature at the start.
package struct LimitedMemoryBFGS {
    private struct Pair {
        /// A step, and what it changed the gradient by.
        var step, change: [Double]
        /// 1 / (step · change)
        var inverse: Double
    }

    private var pairs: [Pair] = []

    package init() {}

    /// The step to subtract: the estimated inverse curvature times the gradient. O(steps × size), and what `initial`
    /// takes.
    /// - Parameter initial: multiplies by the inverse of the curvature at the start.
    package func step<Failure: Error>(
        _ gradient: [Double], initial: ([Double]) throws(Failure) -> [Double]
    ) throws(Failure) -> [Double] {
        let (direction, weights) = beforeInitial(gradient)
        return afterInitial(try initial(direction), weights)
    }

    /// What has to be multiplied by the inverse of the curvature at the start, and what ``afterInitial(_:_:)`` takes with
    /// the product: for many problems whose products are one.
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
