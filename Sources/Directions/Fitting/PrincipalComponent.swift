import TensorCore

/// The first principal component of all rows as a unit vector of either sign; zero if all rows are equal.
///
/// O(n² · max(rows, columns)) with n = min(rows, columns), then one eigenvector of an n × n matrix.
/// - Throws: `LAPACKError` if the eigenvector isn't found.
package func principalComponent(_ rows: FeatureRows) throws(LAPACKError) -> [Double] {
    let centred = rows.centred(on: rows.columnMeans())
    let zero = [Double](repeating: 0, count: rows.columns)
    guard centred.rootMeanSquare > rows.rootMeanSquare * 1e-12 else { return zero }
    if rows.columns <= rows.rows {
        return Array(try SymmetricEigendecomposition(of: centred.scatter(), largest: 1).vector(0))
    }
    let weights = try SymmetricEigendecomposition(of: centred.gram(), largest: 1).vector(0)
    return centred.weightedSum(Array(weights)).normalised() ?? zero
}

/// The component with the sign that points from the mean of the class `false` to that of `true`; if both project to the
/// same point, its largest coordinate is positive.
func oriented(_ component: [Double], by classMeans: ClassMeans) -> [Double] {
    let towardsTrue = dot(component, massMeanDirection(classMeans))
    let largest = component.max { abs($0) < abs($1) } ?? 1
    return (towardsTrue == 0 ? largest : towardsTrue) < 0 ? component.map { -$0 } : component
}
