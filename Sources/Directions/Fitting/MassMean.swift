import Statistics

/// mean(true) − mean(false), exactly zero if the means differ by no more than rounding.
package func massMeanDirection(_ means: ClassMeans) -> [Double] {
    withoutRounding(zip(means.ofTrue, means.ofFalse).map { $0 - $1 }, scale: means.rootMeanSquare)
}

/// The mean of mean(true) − mean(false) within each group, over the groups that hold both classes; zero if it is no
/// more than rounding, or no group holds both.
func pairedMeanDirection(_ rows: FeatureRows, _ grouped: GroupedLabels) -> [Double] {
    var sum = [Double](repeating: 0, count: rows.columns)
    var groups = 0.0
    for members in grouped.groups.rowsOfGroup {
        let trues = Double(members.count { grouped.labels[$0] })
        let falses = Double(members.count) - trues
        guard trues > 0, falses > 0 else { continue }
        groups += 1
        for row in members { sum.add(rows[row], times: grouped.labels[row] ? 1 / trues : -1 / falses) }
    }
    guard groups > 0 else { return sum }
    return withoutRounding(sum.map { $0 / groups }, scale: rows.rootMeanSquare)
}

private func withoutRounding(_ direction: [Double], scale: Double) -> [Double] {
    dot(direction, direction).squareRoot() > scale * 1e-12 ? direction : direction.map { _ in 0 }
}
