import Foundation
import TensorCore

/// Logistic regressions on the training rows of every fold.
///
/// The fit to all rows comes first, roughly. The regressions of the folds begin there, each with the curvature that its
/// own rows have at that point. The rows of a fold give one part of all those curvatures, so that together they cost as
/// much as one. A handful of steps is left then.
enum FoldRegressions {
    /// How near to the minimum the folds' regressions end; see ``JointRegressions/descend(_:steps:tolerance:)``.
    private static let tolerance = 1e-11

    /// The weights and intercept of each fold's regression; nil for one that didn't converge or has only one class.
    /// - Parameters:
    ///   - labels: in the order of the rows.
    ///   - scatter: Σ x xᵀ over all rows.
    static func parameters(_ rows: LogisticRows, labels: [Bool], scatter: [Float]) -> [[Double]?] {
        let folds = rows.order.ranges
        let share = Double(labels.count { $0 }) / Double(rows.count)
        if share == 0 || share == 1 { return folds.map { _ in nil } }
        let start = [Double](repeating: 0, count: rows.columns) + [log(share / (1 - share))]
        // Steps are cheap compared with a curvature, so the curvature at weights of zero has to do.
        var all = JointRegressions(rows, labels: labels, leavingOut: [0..<0], start: start)
        all.descend(
            [LogisticCurvature(ofScatter: scatter, times: Float(share * (1 - share)), size: rows.size)], steps: 12,
            tolerance: 0.3)
        let parts = rows.scatters(weights: all.curvatureWeights(0))
        let whole = sum(parts)
        var regressions = JointRegressions(rows, labels: labels, leavingOut: folds, start: all.current(0))
        regressions.descend(
            parts.map { LogisticCurvature(ofScatter: whole, without: $0, size: rows.size) }, steps: 16,
            tolerance: tolerance)
        // Regressions far from the fit to all rows, as when few rows tell the classes apart: each at its own point.
        for _ in 0..<4 where !regressions.isFinished {
            let curvatures = folds.indices.map { fold -> LogisticCurvature? in
                guard regressions.isSearching(fold) else { return nil }
                let parts = rows.scatters(weights: regressions.curvatureWeights(fold))
                return LogisticCurvature(ofScatter: sum(parts), without: parts[fold], size: rows.size)
            }
            regressions.descend(curvatures, steps: 12, tolerance: tolerance)
        }
        return folds.indices.map { regressions.parameters($0) }
    }

    /// The sum of matrices of one size; there is at least one.
    private static func sum(_ matrices: [[Float]]) -> [Float] {
        matrices.dropFirst().reduce(into: matrices[0]) { sum, matrix in
            sum.withUnsafeMutableBufferPointer { sum in
                matrix.withUnsafeBufferPointer { matrix in
                    for index in sum.indices { sum[index] += matrix[index] }
                }
            }
        }
    }
}
