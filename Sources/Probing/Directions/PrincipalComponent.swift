/// The first principal component of all rows as a unit vector that points from the mean of the class `false` to that of
/// `true`; where both project to the same point, its largest coordinate is positive. Zero when all rows are equal.
///
/// O(n² · max(rows, columns)) with n = min(rows, columns), then the eigenvectors of an n × n matrix.
func principalComponent(_ rows: FeatureRows, classMeans: ClassMeans) -> [Double] {
    let centred = rows.centred(on: rows.columnMeans())
    let zero = [Double](repeating: 0, count: rows.columns)
    let variance = dot(centred.values, centred.values) / Double(rows.rows)
    guard variance.squareRoot() > classMeans.rootMeanSquare * 1e-12 else { return zero }
    var component = zero
    if rows.columns <= rows.rows {
        let eigen = SymmetricEigen(of: centred.scatter())
        component = Array(eigen.vector(eigen.largest))
    } else {
        let eigen = SymmetricEigen(of: centred.gram())
        for (row, weight) in eigen.vector(eigen.largest).enumerated() {
            component.add(centred[row], times: weight)
        }
    }
    guard let unit = component.normalised() else { return zero }
    let towardsTrue = dot(unit, massMeanDirection(classMeans))
    let largest = unit.max { abs($0) < abs($1) } ?? 1
    return (towardsTrue == 0 ? largest : towardsTrue) < 0 ? unit.map { -$0 } : unit
}
