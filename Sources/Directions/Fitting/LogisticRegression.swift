import Foundation
import TensorCore

/// Logistic regression with L2 penalty, the minimum of ½ ‖w‖² + C Σ log(1 + exp(−y (w·x + b))), y = ±1; the intercept b
/// isn't penalised (scikit-learn's `LogisticRegression(C=1)`).
///
/// From 0, steps of L-BFGS that start from the curvature at 0 come near the minimum, at O(rows × columns) each;
/// Newton's method finishes in a step or two of O(rows × columns² + columns³). The objective is convex and every step
/// has a line search, so the minimum is reached whatever the features. The weights are exactly zero if both classes
/// have the same mean.
/// - Throws: `LAPACKError` if the curvature isn't finite, which takes features beyond the range of `Float`.
package func logisticRegression(
    _ rows: FeatureRows, labels: [Bool], inversePenalty: Double = 1
) throws(LAPACKError) -> LinearScore {
    // If the class means are equal, only the classes' shares count: with w = 0 the gradient is C Σ (p − y) x = 0.
    let difference = massMeanDirection(rows.classMeans(labels))
    guard difference.contains(where: { $0 != 0 }) else {
        let trues = labels.count { $0 }
        return LinearScore(weights: difference, threshold: -log(Double(trues) / Double(labels.count - trues)))
    }
    let minimum = try LogisticProblem(rows: rows, labels: labels, inversePenalty: inversePenalty).minimise()
    return LinearScore(weights: Array(minimum.parameters.dropLast()), threshold: -minimum.parameters[rows.columns])
}

private struct LogisticProblem {
    /// The features, then one that is always 1 and whose weight is the intercept.
    let rows: FeatureRows
    let labels: [Bool]
    let inversePenalty: Double

    struct Point {
        /// The weights, then the intercept.
        var parameters: [Double]
        /// w·x + b of every row.
        var scores: [Double]
        var loss: Double
        /// The scale by which losses near this point are compared: 1, or this loss if features separate the classes so
        /// well that it is smaller.
        var lossScale: Double { min(loss, 1) }
    }

    init(rows: FeatureRows, labels: [Bool], inversePenalty: Double) {
        var extended: [Double] = []
        extended.reserveCapacity(rows.rows * (rows.columns + 1))
        for row in 0..<rows.rows {
            extended.append(contentsOf: rows[row])
            extended.append(1)
        }
        self.rows = FeatureRows(values: extended, columns: rows.columns + 1)
        self.labels = labels
        self.inversePenalty = inversePenalty
    }

    // MARK: - The objective and its derivatives

    private func point(_ parameters: [Double]) -> Point {
        let scores = rows.times(parameters)
        var sum = 0.0
        for (score, label) in zip(scores, labels) {
            // log(1 + exp(−margin)) without overflow.
            sum += max(label ? -score : score, 0) + log1p(exp(-abs(score)))
        }
        let weights = parameters.dropLast()
        return Point(
            parameters: parameters, scores: scores, loss: dot(weights, weights) / 2 + inversePenalty * sum)
    }

    /// C (p − y) of every row, p the probability of the class `true`.
    private func residuals(_ point: Point) -> [Double] {
        zip(point.scores, labels).map { inversePenalty * (logisticFunction($0) - ($1 ? 1 : 0)) }
    }

    private func gradient(_ point: Point) -> [Double] {
        var gradient = rows.weightedSum(residuals(point))
        for index in 0..<gradient.count - 1 { gradient[index] += point.parameters[index] }
        return gradient
    }

    /// The second derivatives, decomposed; with a little added to the diagonal if rounding leaves them indefinite.
    private func curvature(_ point: Point) throws(LAPACKError) -> CholeskyDecomposition? {
        var scaled = rows
        for (row, score) in point.scores.enumerated() {
            let probability = logisticFunction(score)
            let factor = (inversePenalty * probability * (1 - probability)).squareRoot()
            for index in row * rows.columns..<(row + 1) * rows.columns { scaled.values[index] *= factor }
        }
        var hessian = scaled.scatter()
        for index in 0..<hessian.size - 1 { hessian[index, index] += 1 }
        var damping = max(hessian.trace, 1) * 1e-14
        while damping.isFinite {
            if let decomposition = try CholeskyDecomposition(of: hessian) { return decomposition }
            hessian.addToDiagonal(damping)
            damping *= 100
        }
        return nil
    }

    // MARK: - The search

    func minimise() throws(LAPACKError) -> Point {
        var current = point(Array(repeating: 0, count: rows.columns))
        guard let initial = try curvature(current) else { return current }
        var history = LimitedMemoryBFGS()
        var gradient = gradient(current)
        // Enough for a loss within a thousandth or so of the minimum; features of very different sizes continue from
        // there.
        for _ in 0..<30 {
            let step = try history.step(gradient) { direction throws(LAPACKError) in try initial.solving(direction) }
            let decrement = dot(gradient, step)
            guard decrement > 1e-4 * current.lossScale, let next = search(from: current, along: step, decrement) else {
                break
            }
            let nextGradient = self.gradient(next)
            history.append(from: current.parameters, gradient, to: next.parameters, nextGradient)
            (current, gradient) = (next, nextGradient)
        }
        for _ in 0..<200 {
            guard let curvature = try curvature(current) else { break }
            let gradient = self.gradient(current)
            let step = try curvature.solving(gradient)
            let decrement = dot(gradient, step)
            guard let next = search(from: current, along: step, decrement) else { break }
            current = next
            // So near the minimum a Newton step squares the error: this one was the last that matters.
            if decrement <= 1e-10 * current.lossScale { break }
        }
        return current
    }

    /// The point after the longest step, of 1, ½, ¼ …, that lowers the loss enough (Armijo's condition); nil for none.
    private func search(from start: Point, along step: [Double], _ decrement: Double) -> Point? {
        var length = 1.0
        while length > 1e-12 {
            var parameters = start.parameters
            parameters.add(step[...], times: -length)
            let trial = point(parameters)
            if trial.loss <= start.loss - 0.25 * length * decrement
                || (decrement < 1e-9 * start.lossScale && trial.loss <= start.loss)
            {
                return trial
            }
            length /= 2
        }
        return nil
    }
}

/// 1 / (1 + exp(−x)) without overflow.
private func logisticFunction(_ value: Double) -> Double {
    let rest = exp(-abs(value))
    return value >= 0 ? 1 / (1 + rest) : rest / (1 + rest)
}
