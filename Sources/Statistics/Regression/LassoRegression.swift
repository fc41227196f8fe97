import DataFiles
import Foundation

/// A linear model with few terms (Tibshirani 1996, doi 10.1111/j.2517-6161.1996.tb02080.x).
///
/// The weights w and the intercept b minimise ‖y − X w − b‖² / 2n + α ‖w‖₁, as in scikit-learn's `Lasso`. They are
/// found by cyclic coordinate descent (Friedman, Hastie & Tibshirani 2010, doi 10.18637/jss.v033.i01), until the
/// duality gap is below 1e-8 of the squared length of centred y.
public struct LassoRegression: Sendable, Equatable {
    /// The weights w, one for each column.
    public var weights: [Double]
    /// The intercept b.
    public var intercept: Double
    /// The penalty α.
    public var penalty: Double

    /// Fits the model for one penalty.
    ///
    /// - Parameters:
    ///   - rows: X, [n][p].
    ///   - values: y, [n].
    ///   - penalty: α, above 0.
    /// - Precondition: there are rows, all of the same length, with one value each; the penalty is above 0.
    /// - Complexity: O(n · p) for each round over the columns.
    public init(_ rows: [[Double]], _ values: [Double], penalty: Double) {
        precondition(penalty > 0, "A penalty is above 0.")
        let problem = LassoProblem(rows, values)
        self.init(problem, weights: problem.solve(penalty, from: problem.zero), penalty: penalty)
    }

    /// Fits the model with the penalty that best predicts rows left out (`LassoCV` of scikit-learn).
    ///
    /// The penalties tried are evenly spaced on a logarithmic scale, from the smallest one that leaves no term down to
    /// a thousandth of it. The one with the smallest mean squared error over folds of consecutive rows is taken.
    ///
    /// - Parameters:
    ///   - folds: 5 by default, at most as many as rows.
    ///   - penalties: how many are tried; 100 by default.
    /// - Precondition: at least two rows, all of the same length, with one value each.
    public init(crossValidating rows: [[Double]], _ values: [Double], folds: Int = 5, penalties: Int = 100) {
        precondition(rows.count >= 2, "Cross-validation needs at least two rows.")
        let all = LassoProblem(rows, values)
        let path = all.penalties(penalties)
        var errors = [Double](repeating: 0, count: path.count)
        let folds = min(max(folds, 2), rows.count)
        var start = 0
        for fold in 0..<folds {
            let count = rows.count / folds + (fold < rows.count % folds ? 1 : 0)
            let out = start..<start + count
            start += count
            let kept = rows.indices.filter { !out.contains($0) }
            let problem = LassoProblem(kept.map { rows[$0] }, kept.map { values[$0] })
            var weights = problem.zero
            for (index, penalty) in path.enumerated() {
                weights = problem.solve(penalty, from: weights)
                let model = LassoRegression(problem, weights: weights, penalty: penalty)
                errors[index] +=
                    out.reduce(0) { sum, row in
                        let error = values[row] - model.value(rows[row])
                        return sum + error * error
                    } / Double(count * folds)
            }
        }
        let best = errors.indices.min { errors[$0] < errors[$1] } ?? 0
        var weights = all.zero
        for penalty in path[...best] { weights = all.solve(penalty, from: weights) }
        self.init(all, weights: weights, penalty: path[best])
    }

    private init(_ problem: LassoProblem, weights: [Double], penalty: Double) {
        self.weights = weights
        self.penalty = penalty
        intercept = problem.mean - zip(problem.columnMeans, weights).reduce(0) { $0 + $1.0 * $1.1 }
    }

    /// The model's prediction for a row.
    public func value(_ row: [Double]) -> Double {
        zip(row, weights).reduce(intercept) { $0 + $1.0 * $1.1 }
    }
}

/// X and y, centred.
private struct LassoProblem {
    let columns: [[Double]]
    let columnMeans: [Double]
    let squares: [Double]
    let values: [Double]
    let mean: Double

    init(_ rows: [[Double]], _ y: [Double]) {
        let width = rows.first?.count ?? 0
        precondition(
            !rows.isEmpty && rows.count == y.count && rows.allSatisfy { $0.count == width },
            "A regression needs rows of the same length, with one value each.")
        let raw = (0..<width).map { column in rows.map { $0[column] } }
        columns = raw.map(centred)
        columnMeans = raw.map { $0.reduce(0, +) / Double(rows.count) }
        squares = columns.map { $0.reduce(0) { $0 + $1 * $1 } }
        values = centred(y)
        mean = y.reduce(0, +) / Double(y.count)
    }

    var zero: [Double] { columns.map { _ in 0 } }

    /// Penalties from the smallest one that leaves no term down to a thousandth of it.
    func penalties(_ count: Int) -> [Double] {
        let n = Double(values.count)
        let largest = columns.map { abs(dot($0, values)) / n }.max() ?? 0
        let most = max(largest, .leastNormalMagnitude)
        guard count > 1 else { return [most] }
        return (0..<count).map { most * pow(1e-3, Double($0) / Double(count - 1)) }
    }

    /// The weights for a penalty, starting from the weights of another fit.
    func solve(_ penalty: Double, from start: [Double]) -> [Double] {
        let reach = penalty * Double(values.count)
        var weights = start
        var residual = values
        for (column, weight) in zip(columns, weights) where weight != 0 { add(-weight, column, to: &residual) }
        let enough = 1e-8 * max(dot(values, values), .leastNormalMagnitude)
        // Columns without a weight seldom get one, so after each round over all columns those with a weight are settled
        // first.
        for _ in 0..<1000 {
            descend(Array(columns.indices), reach, &weights, &residual)
            if gap(weights, residual, reach) < enough { break }
            let active = columns.indices.filter { weights[$0] != 0 }
            for _ in 0..<100 where descend(active, reach, &weights, &residual) < 0.01 * enough { break }
        }
        return weights
    }

    /// Sets the weight of each of some columns to the best one, given all others.
    ///
    /// - Returns: the largest squared length of a change in a column's part of y.
    @discardableResult private func descend(
        _ indices: [Int], _ reach: Double, _ weights: inout [Double], _ residual: inout [Double]
    ) -> Double {
        var largest = 0.0
        for index in indices where squares[index] > 0 {
            let old = weights[index]
            let pull = dot(columns[index], residual) + old * squares[index]
            let new =
                pull > reach ? (pull - reach) / squares[index] : pull < -reach ? (pull + reach) / squares[index] : 0
            guard new != old else { continue }
            weights[index] = new
            add(old - new, columns[index], to: &residual)
            largest = max(largest, (new - old) * (new - old) * squares[index])
        }
        return largest
    }

    /// The most that the weights can be from the best ones, in the objective times n.
    private func gap(_ weights: [Double], _ residual: [Double], _ reach: Double) -> Double {
        let largest = columns.map { abs(dot($0, residual)) }.max() ?? 0
        let square = dot(residual, residual)
        let scale = largest > reach ? reach / largest : 1
        let dual = scale * dot(residual, values) - 0.5 * scale * scale * square
        return 0.5 * square + reach * weights.reduce(0) { $0 + abs($1) } - dual
    }

    private func dot(_ a: [Double], _ b: [Double]) -> Double {
        a.withUnsafeBufferPointer { a in
            b.withUnsafeBufferPointer { b in
                var sum = 0.0
                for index in 0..<min(a.count, b.count) { sum += a[index] * b[index] }
                return sum
            }
        }
    }

    private func add(_ factor: Double, _ column: [Double], to values: inout [Double]) {
        column.withUnsafeBufferPointer { column in
            values.withUnsafeMutableBufferPointer { values in
                for index in 0..<min(values.count, column.count) { values[index] += factor * column[index] }
            }
        }
    }
}
