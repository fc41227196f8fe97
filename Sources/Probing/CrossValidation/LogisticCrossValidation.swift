import Directions
import Foundation
import Statistics
import TensorCore

/// Logistic regressions (as ``logisticRegression``) on the training rows of every fold and on all rows, of one head, at
/// once and in float32: what they do in common, one product does for all.
///
/// Every step of every regression needs the products of all rows with its direction, and of the residuals with all rows:
/// two matrix products for a split. Steps are those of L-BFGS; its first estimate of the curvature is that of no weights
/// and then that of the fit to all rows, which is close to the curvature of each training set (they share most rows).
/// The step length is found on the slope alone, which needs no product. O(folds × rows × columns) a step, and
/// O(rows × columns²) for each of the two or three curvatures.
struct LogisticCrossValidation {
    private let rows: FeatureRows
    private let folds: GroupedFolds
    private let mean: [Double]
    /// The features minus their mean, [rows, columns].
    private let values: [Float]
    /// Their transpose, [columns, padded rows].
    private let transposed: [Float]
    /// XᵀX with a last feature that is always 1, [size, size].
    private let scatter: [Double]
    /// For each regression 1 for the rows that it is fitted to, [fits, rows].
    private let masks: [[Float]]

    /// Weights and intercept.
    private var size: Int { rows.columns + 1 }
    private var count: Int { rows.rows }
    /// The rows, filled up to what dot products take at once.
    private var padded: Int { paddedToGroups(count) }
    /// One regression for each fold, and one for all rows.
    private var fits: Int { folds.count + 1 }

    init(_ rows: FeatureRows, folds: GroupedFolds) {
        // The intercept isn't penalised: the origin makes no difference but to rounding.
        let mean = rows.columnMeans()
        let (count, padded) = (rows.rows, paddedToGroups(rows.rows))
        let values = rows.floats(centredOn: mean)
        let transposed = transpose(values, columns: rows.columns, rows: 0..<count, padded: padded)
        self.rows = rows
        self.mean = mean
        self.folds = folds
        self.values = values
        self.transposed = transposed
        masks = (0...folds.count).map { fit in folds.foldOfRow.map { $0 == fit ? 0 : 1 } }
        scatter = Self.scatter(transposed, weights: Array(repeating: 1, count: count), padded: padded)
    }

    /// The score of each row by the regression that it isn't part of, on the scale of the unit direction; 0 if both
    /// classes have one mean, ±1 where the training rows have one class alone.
    func scores(_ labels: [Bool]) throws(LAPACKError) -> [Double] {
        let sums = ClassSums(rows, labels: labels, folds: folds)
        let scale = rows.rootMeanSquare
        var scores = [Double](repeating: 0, count: count)
        let fitted = try fit(labels)
        for fold in 0..<folds.count {
            let tested = folds.testRows(ofFold: fold)
            guard let ofTrue = sums.trainingMean(of: true, fold), let ofFalse = sums.trainingMean(of: false, fold)
            else {
                for row in tested { scores[row] = sums.trainingMean(of: true, fold) != nil ? 1 : -1 }
                continue
            }
            let means = ClassMeans(ofTrue: ofTrue, ofFalse: ofFalse, rootMeanSquare: scale)
            guard massMeanDirection(means).contains(where: { $0 != 0 }) else { continue }
            let score: LinearScore
            if let parameters = fitted[fold] {
                let weights = Array(parameters.dropLast())
                score = LinearScore(weights: weights, threshold: dot(weights, mean) - parameters[rows.columns])
            } else {
                let training = folds.trainingRows(ofFold: fold)
                score = try logisticRegression(rows.selecting(training), labels: training.map { labels[$0] })
            }
            let unit = score.normalised()
            for row in tested { scores[row] = unit.score(rows[row]) }
        }
        return scores
    }

    // MARK: - The regressions

    private struct Fit {
        /// The weights, then the intercept.
        var parameters: [Double]
        /// w·x + b of every row.
        var scores: [Float]
        var gradient: [Double]
        var isDone = false
    }

    /// The parameters of each fold's regression; nil for one that didn't converge.
    private func fit(_ labels: [Bool]) throws(LAPACKError) -> [[Double]?] {
        let targets = labels.map { $0 ? Float(1) : 0 }
        let share = Double(labels.count { $0 }) / Double(count)
        if share == 0 || share == 1 { return masks.map { _ in nil } }
        let intercept = log(share / (1 - share))
        let start = [Double](repeating: 0, count: rows.columns) + [intercept]
        var all = masks.map { mask in
            let trues = zip(mask, targets).reduce(0) { $0 + $1.0 * $1.1 }
            return Fit(
                parameters: start, scores: Array(repeating: Float(intercept), count: count),
                gradient: Array(repeating: 0, count: size), isDone: trues == 0 || trues == mask.reduce(0, +))
        }
        var residuals = [Float](repeating: 0, count: fits * padded)
        for index in all.indices { fill(&residuals, at: index, all[index].scores, targets, fit: index) }
        updateGradients(&all, Array(all.indices), residuals)
        var curvature = scatter.map { $0 * share * (1 - share) }
        for phase in 0..<6 where !all.allSatisfy(\.isDone) {
            guard let decomposition = try decompose(curvature) else { break }
            var histories = all.map { _ in LimitedMemoryBFGS(initial: decomposition) }
            for _ in 0..<(phase == 0 ? 3 : phase == 1 ? 4 : 12) where !all.allSatisfy(\.isDone) {
                try step(&all, &histories, targets)
            }
            if all.allSatisfy(\.isDone) { break }
            let weights = all[fits - 1].scores.map { score in
                let probability = 1 / (1 + exp(-score))
                return probability * (1 - probability)
            }
            curvature = Self.scatter(transposed, weights: weights, padded: padded)
        }
        return all.map { $0.isDone ? $0.parameters : nil }
    }

    /// One step of every regression that isn't done.
    private func step(
        _ all: inout [Fit], _ histories: inout [LimitedMemoryBFGS], _ targets: [Float]
    ) throws(LAPACKError) {
        var active: [Int] = []
        var steps: [[Double]] = []
        var slopes: [Double] = []
        for index in 0..<fits where !all[index].isDone {
            let step = try histories[index].step(all[index].gradient)
            let slope = dot(all[index].gradient, step)
            let weights = all[index].parameters.dropLast()
            // A slope of s leaves the loss some s / 2 above its minimum, which is at least ½ ‖w‖².
            if slope > 1e-11 * max(min(dot(weights, weights) / 2, 1), 1e-6) {
                active.append(index)
                steps.append(step)
                slopes.append(slope)
            } else {
                all[index].isDone = true
            }
        }
        guard !active.isEmpty else { return }
        let changes = scoreChanges(steps)
        var residuals = [Float](repeating: 0, count: active.count * padded)
        for (slot, index) in active.enumerated() {
            let change = Array(changes[slot * count..<(slot + 1) * count])
            let length = search(
                all[index], steps[slot], change, slopes[slot], targets, fit: index, &residuals, at: slot)
            steps[slot] = steps[slot].map { -length * $0 }
            all[index].parameters.add(steps[slot][...])
            all[index].scores.move(by: -Float(length), along: change)
        }
        let gradients = active.map { all[$0].gradient }
        updateGradients(&all, active, residuals)
        for (slot, index) in active.enumerated() {
            histories[index].append(
                step: steps[slot], change: zip(all[index].gradient, gradients[slot]).map { $0 - $1 })
        }
    }

    /// How far to go: 1 unless the slope turns and is steeper than half of what it was; then by false position, which
    /// the slope of a convex function is made for. Leaves the residuals there.
    private func search(
        _ fit: Fit, _ step: [Double], _ change: [Float], _ slope: Double, _ targets: [Float], fit index: Int,
        _ residuals: inout [Float], at slot: Int
    ) -> Double {
        let (weights, own) = (fit.parameters.dropLast(), step.dropLast())
        let (across, squared) = (dot(weights, own), dot(own, own))
        var (low, high) = ((length: 0.0, slope: -slope), (length: 1.0, slope: 0.0))
        var length = 1.0
        for _ in 0..<25 {
            var scores = fit.scores
            scores.move(by: -Float(length), along: change)
            fill(&residuals, at: slot, scores, targets, fit: index)
            let sum = residuals.withUnsafeBufferPointer { residuals in
                change.withUnsafeBufferPointer { change in
                    guard let residuals = residuals.baseAddress, let change = change.baseAddress else {
                        return Float(0)
                    }
                    return Elementwise.dot(residuals + slot * padded, change, count: count)
                }
            }
            // The derivative by the length, of a function that falls at first.
            let current = -(Double(sum) + across - length * squared)
            if current <= 0.5 * slope && (current >= -0.5 * slope || length == 1) { break }
            if current > 0 { high = (length, current) } else { low = (length, current) }
            let share = -low.slope / (high.slope - low.slope)
            length = low.length + (high.length - low.length) * min(max(share, 0.1), 0.9)
        }
        return length
    }

    // MARK: - Products

    /// Sets p − y of every row that the regression is fitted to, 0 for the others.
    private func fill(
        _ residuals: inout [Float], at slot: Int, _ scores: [Float], _ targets: [Float], fit index: Int
    ) {
        residuals.withUnsafeMutableBufferPointer { residuals in
            masks[index].withUnsafeBufferPointer { mask in
                scores.withUnsafeBufferPointer { scores in
                    targets.withUnsafeBufferPointer { targets in
                        let start = slot * padded
                        for row in 0..<count {
                            residuals[start + row] = mask[row] * (1 / (1 + exp(-scores[row])) - targets[row])
                        }
                    }
                }
            }
        }
    }

    /// - Parameter residuals: of the regressions `active`, [active, padded rows].
    private func updateGradients(_ all: inout [Fit], _ active: [Int], _ residuals: [Float]) {
        let columns = rows.columns
        var products = [Float](repeating: 0, count: active.count * columns)
        DotProducts.run(
            n: padded, residuals, rows: active.count, strideX: padded, transposed, rows: columns, strideW: padded,
            into: &products, strideY: columns)
        for (slot, index) in active.enumerated() {
            for column in 0..<columns {
                all[index].gradient[column] =
                    Double(products[slot * columns + column]) + all[index].parameters[column]
            }
            all[index].gradient[columns] = residuals[slot * padded..<(slot + 1) * padded].reduce(0.0) {
                $0 + Double($1)
            }
        }
    }

    /// What the steps change the scores by, [steps, rows].
    private func scoreChanges(_ steps: [[Double]]) -> [Float] {
        let left = steps.flatMap { $0.dropLast().map { Float($0) } }
        var products = [Float](repeating: 0, count: steps.count * count)
        DotProducts.run(
            n: rows.columns, left, rows: steps.count, strideX: rows.columns, values, rows: count, strideW: rows.columns,
            into: &products, strideY: count)
        products.withUnsafeMutableBufferPointer { products in
            for (slot, step) in steps.enumerated() {
                let intercept = Float(step[rows.columns])
                for row in slot * count..<(slot + 1) * count { products[row] += intercept }
            }
        }
        return products
    }

    /// Σ w x xᵀ over rows x with a last feature that is always 1, [size, size].
    private static func scatter(_ transposed: [Float], weights: [Float], padded: Int) -> [Double] {
        let columns = transposed.count / padded
        var roots = [Float](repeating: 0, count: padded)
        for (row, weight) in weights.enumerated() { roots[row] = weight.squareRoot() }
        let scaled = [Float](unsafeUninitializedCapacity: (columns + 1) * padded) { scaled, count in
            roots.withUnsafeBufferPointer { roots in
                transposed.withUnsafeBufferPointer { transposed in
                    for column in 0..<columns {
                        for row in column * padded..<(column + 1) * padded {
                            scaled[row] = transposed[row] * roots[row - column * padded]
                        }
                    }
                }
                for row in 0..<padded { scaled[columns * padded + row] = roots[row] }
            }
            count = (columns + 1) * padded
        }
        let size = columns + 1
        var products = [Float](repeating: 0, count: size * size)
        // Symmetric: of each block of rows, the part up to its end.
        for first in stride(from: 0, to: size, by: 32) {
            let end = min(first + 32, size)
            scaled.withUnsafeBufferPointer { scaled in
                products.withUnsafeMutableBufferPointer { products in
                    guard let scaled = scaled.baseAddress, let products = products.baseAddress else { return }
                    DotProducts.run(
                        n: padded, scaled + first * padded, rows: end - first, strideX: padded, scaled, rows: end,
                        strideW: padded, into: products + first * size, strideY: size)
                }
            }
        }
        var matrix = [Double](repeating: 0, count: size * size)
        for row in 0..<size {
            for column in 0...row {
                matrix[row * size + column] = Double(products[row * size + column])
                matrix[column * size + row] = matrix[row * size + column]
            }
        }
        return matrix
    }

    private func decompose(_ curvature: [Double]) throws(LAPACKError) -> CholeskyDecomposition? {
        var matrix = SymmetricMatrix(size: size, upperTriangleOf: curvature)
        for index in 0..<rows.columns { matrix[index, index] += 1 }
        // Float32 sums may leave the intercept's row dependent on the others.
        var damping = max(matrix.trace, 1) * 1e-7
        while damping.isFinite {
            if let decomposition = try CholeskyDecomposition(of: matrix) { return decomposition }
            matrix.addToDiagonal(damping)
            damping *= 100
        }
        return nil
    }
}

extension [Float] {
    /// Adds the other vector × `factor`.
    fileprivate mutating func move(by factor: Float, along other: [Float]) {
        precondition(count == other.count, "A sum needs vectors of one length.")
        withUnsafeMutableBufferPointer { own in
            other.withUnsafeBufferPointer { other in
                guard let start = own.baseAddress, let other = other.baseAddress else { return }
                Elementwise.add(factor, times: other, to: start, count: own.count)
            }
        }
    }
}
