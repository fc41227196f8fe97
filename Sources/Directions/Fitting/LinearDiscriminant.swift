import Foundation
import TensorCore

/// Linear discriminant analysis with a shrunk covariance: weights Σ⁻¹ (mean(true) − mean(false)), and the threshold
/// that the classes' shares define (scikit-learn's `LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto")`).
///
/// Σ is the average of both classes' covariances, weighted by their shares, each shrunk in standardised features by
/// Ledoit & Wolf (2004). O(rows × columns² + columns³).
/// - Throws: `LAPACKError` if the covariance isn't finite.
func linearDiscriminant(_ rows: FeatureRows, labels: [Bool]) throws(LAPACKError) -> LinearScore {
    let means = rows.classMeans(labels)
    let size = rows.columns
    var covariance = SymmetricMatrix(zerosOfSize: size)
    var shares: [Bool: Double] = [:]
    for label in [false, true] {
        let members = rows.selecting(labels.indices.filter { labels[$0] == label })
        let share = Double(members.rows) / Double(rows.rows)
        shares[label] = share
        let own = shrunkCovariance(
            members.centred(on: label ? means.ofTrue : means.ofFalse), means: members.columnMeans())
        covariance.add(own, times: share)
    }
    let difference = massMeanDirection(means)
    let weights: [Double]
    if let decomposition = try CholeskyDecomposition(of: covariance) {
        weights = try decomposition.solving(difference)
    } else {
        weights = try SymmetricEigendecomposition(of: covariance).minimumNormSolution(difference)
    }
    let midpoint = zip(means.ofTrue, means.ofFalse).map { ($0 + $1) / 2 }
    let odds = log((shares[true] ?? 0.5) / (shares[false] ?? 0.5))
    return LinearScore(weights: weights, threshold: dot(weights, midpoint) - odds)
}

/// The covariance of centred rows, shrunk towards a multiple of the identity in standardised features.
package func shrunkCovariance(_ centred: FeatureRows, means: [Double]) -> SymmetricMatrix {
    let count = Double(centred.rows)
    let size = centred.columns
    var standardised = centred
    var scales = [Double](repeating: 1, count: size)
    for column in 0..<size {
        let indices = stride(from: column, to: centred.values.count, by: size)
        let variance = indices.reduce(0) { $0 + centred.values[$1] * centred.values[$1] } / count
        // A feature that varies by no more than rounding is constant and keeps its scale.
        let rounding = count * means[column] * Double.ulpOfOne
        if variance > count * Double.ulpOfOne * variance + rounding * rounding {
            scales[column] = variance.squareRoot()
        }
        for index in indices { standardised.values[index] /= scales[column] }
    }
    var matrix = standardised.scatter()
    let shrinkage = ledoitWolfShrinkage(standardised, scatter: matrix)
    let target = matrix.trace / count / Double(size)
    for row in 0..<size {
        for column in row..<size {
            var value = (1 - shrinkage) * matrix[row, column] / count
            if row == column { value += shrinkage * target }
            matrix[row, column] = value * scales[row] * scales[column]
        }
    }
    return matrix
}

private func ledoitWolfShrinkage(_ centred: FeatureRows, scatter: SymmetricMatrix) -> Double {
    let fourthPowers = (0..<centred.rows).reduce(0.0) { sum, row in
        let squaredNorm = dot(centred[row], centred[row])
        return sum + squaredNorm * squaredNorm
    }
    return ledoitWolfShrinkage(scatter: scatter, rows: centred.rows, fourthPowers: fourthPowers)
}

/// The weight of the target μI that minimises the expected squared error of the covariance (Ledoit & Wolf, "A
/// well-conditioned estimator for large-dimensional covariance matrices", 2004).
///
/// - Parameters:
///   - scatter: XᵀX of the centred rows X.
///   - fourthPowers: Σ ‖x‖⁴ over the centred rows.
package func ledoitWolfShrinkage(scatter: SymmetricMatrix, rows: Int, fourthPowers: Double) -> Double {
    let (count, size) = (Double(rows), Double(scatter.size))
    guard scatter.size > 1 else { return 0 }
    let target = scatter.trace / count / size
    let squares = dot(scatter.values, scatter.values) / (count * count)
    let dispersion = (squares - size * target * target) / size
    let error = min((fourthPowers / count - squares) / (size * count), dispersion)
    return error > 0 ? error / dispersion : 0
}

/// The inverse of the rows' shrunk covariance around their common mean, [columns, columns], in float32.
///
/// Times a difference of class means, it gives the direction of a discriminant analysis, up to its length, whatever the
/// labels (Σ_total = Σ_within + a multiple of θθᵀ, and Σ_total⁻¹ θ points along Σ_within⁻¹ θ).
/// - Throws: `LAPACKError` if the covariance isn't finite.
package func inverseShrunkCovariance(_ rows: FeatureRows) throws(LAPACKError) -> [Float] {
    let means = rows.columnMeans()
    let covariance = shrunkCovariance(rows.centred(on: means), means: means)
    let size = rows.columns
    var unit = [Double](repeating: 0, count: size)
    var inverse: [Float] = []
    inverse.reserveCapacity(size * size)
    // Only the way a direction points matters: any scale will do that keeps the numbers in float32's range.
    let scale = covariance.trace / Double(size)
    let decomposition = try CholeskyDecomposition(of: covariance)
    let eigen = decomposition == nil ? try SymmetricEigendecomposition(of: covariance) : nil
    for column in 0..<size {
        unit[column] = scale
        let solution = try decomposition?.solving(unit) ?? eigen?.minimumNormSolution(unit) ?? unit
        inverse.append(contentsOf: solution.map { Float($0) })
        unit[column] = 0
    }
    return inverse
}
