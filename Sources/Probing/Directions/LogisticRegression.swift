import Foundation

/// Logistic regression with L2 penalty, the minimum of ½ ‖w‖² + C Σ log(1 + exp(−y (w·x + b))), y = ±1; the intercept b
/// isn't penalised (scikit-learn's `LogisticRegression(C=1)`).
///
/// Newton's method with a line search on the raw features; the objective is convex, so it gets there from 0, in about 8
/// steps of O(rows × columns² + columns³). Weights that are no more than rounding are exactly zero.
func logisticRegression(_ rows: FeatureRows, labels: [Bool], inversePenalty: Double = 1) -> LinearScore {
    var problem = LogisticProblem(rows: rows, labels: labels, inversePenalty: inversePenalty)
    problem.minimise()
    let weights = Array(problem.parameters.dropLast())
    // At the minimum w = C Σ r x, with residuals r that sum to 0: classes with equal means leave rounding alone.
    let spread = rows.centred(on: rows.columnMeans()).rootMeanSquare
    let rounding = inversePenalty * problem.absoluteResiduals * max(spread * 1e-9, rows.rootMeanSquare * 1e-12)
    let isZero = dot(weights, weights).squareRoot() <= rounding
    return LinearScore(
        weights: isZero ? weights.map { _ in 0 } : weights, threshold: -problem.parameters[rows.columns])
}

private struct LogisticProblem {
    let rows: FeatureRows
    let labels: [Bool]
    let inversePenalty: Double
    /// The weights, then the intercept.
    private(set) var parameters: [Double]

    init(rows: FeatureRows, labels: [Bool], inversePenalty: Double) {
        // The intercept is the weight of a last feature that is always 1.
        var extended: [Double] = []
        extended.reserveCapacity(rows.rows * (rows.columns + 1))
        for row in 0..<rows.rows {
            extended.append(contentsOf: rows[row])
            extended.append(1)
        }
        self.rows = FeatureRows(values: extended, columns: rows.columns + 1)
        self.labels = labels
        self.inversePenalty = inversePenalty
        parameters = Array(repeating: 0, count: rows.columns + 1)
    }

    private func loss(_ parameters: [Double]) -> Double {
        var sum = 0.0
        for row in 0..<rows.rows {
            let margin = dot(parameters[...], rows[row]) * (labels[row] ? 1 : -1)
            // log(1 + exp(−margin)) without overflow.
            sum += max(-margin, 0) + log1p(exp(-abs(margin)))
        }
        let weights = parameters.dropLast()
        return dot(weights, weights) / 2 + inversePenalty * sum
    }

    private func probability(ofRow row: Int) -> Double {
        let value = dot(parameters[...], rows[row])
        let rest = exp(-abs(value))
        return value >= 0 ? 1 / (1 + rest) : rest / (1 + rest)
    }

    /// Σ |p − y|
    var absoluteResiduals: Double {
        (0..<rows.rows).reduce(0) { $0 + abs(probability(ofRow: $1) - (labels[$1] ? 1 : 0)) }
    }

    private func gradientAndHessian() -> ([Double], SymmetricMatrix) {
        let size = parameters.count
        var gradient = parameters
        gradient[size - 1] = 0
        var hessian = SymmetricMatrix(zerosOfSize: size)
        for row in 0..<rows.rows {
            let probability = probability(ofRow: row)
            gradient.add(rows[row], times: inversePenalty * (probability - (labels[row] ? 1 : 0)))
            hessian.addOuterProduct(of: rows[row], times: inversePenalty * probability * (1 - probability))
        }
        for index in 0..<size - 1 { hessian[index, index] += 1 }
        return (gradient, hessian)
    }

    mutating func minimise() {
        var current = loss(parameters)
        for _ in 0..<200 {
            var (gradient, hessian) = gradientAndHessian()
            var step = hessian.solvingPositiveDefinite(gradient)
            var damping = max(hessian.trace, 1) * 1e-14
            while step == nil, damping.isFinite {
                for index in 0..<hessian.size { hessian[index, index] += damping }
                damping *= 100
                step = hessian.solvingPositiveDefinite(gradient)
            }
            guard let step else { return }
            let decrement = dot(gradient, step)
            var length = 1.0
            while length > 1e-12 {
                var trial = parameters
                trial.add(step[...], times: -length)
                let value = loss(trial)
                if value <= current - 0.25 * length * decrement || (decrement < 1e-9 && value <= current) {
                    parameters = trial
                    current = value
                    break
                }
                length /= 2
            }
            // So near the minimum a Newton step squares the error: this one was the last that counts.
            if length <= 1e-12 || decrement <= 1e-10 { return }
        }
    }
}
