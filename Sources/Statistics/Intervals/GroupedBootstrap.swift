import DataFiles

/// The percentile interval of any statistic, from samples of whole groups drawn with replacement (Efron, 1979): for
/// statistics without a formula, and rows that depend on each other within groups.
/// - Parameters:
///   - resamples: the number of samples.
///   - statistic: its value for a sample given by row numbers (repeated ones included); nil for samples in which it
///     isn't defined, which are left out.
/// - Returns: nil when no sample has a value, and for fewer than two groups: how groups differ can't be told from one. The
///   bounds are sample quantiles with linear interpolation.
/// - Precondition: a bootstrap needs samples and a level between 0 and 1.
public func groupedBootstrapInterval(
    _ groups: Groups, level: Double = 0.95, resamples: Int = 2000, seed: UInt64 = 0,
    statistic: (_ rows: [Int]) -> Double?
) -> ConfidenceInterval? {
    precondition(resamples > 0 && level > 0 && level < 1, "A bootstrap needs samples and a level between 0 and 1.")
    var generator = SeededGenerator(seed: seed)
    let groups = groups.rowsOfGroup
    guard groups.count > 1 else { return nil }
    var values: [Double] = []
    for _ in 0..<resamples {
        var sample: [Int] = []
        for _ in groups { sample.append(contentsOf: groups[generator.integer(below: groups.count)]) }
        if let value = statistic(sample) { values.append(value) }
    }
    guard !values.isEmpty else { return nil }
    values.sort()
    let tail = (1 - level) / 2
    return ConfidenceInterval(low: quantile(values, tail), high: quantile(values, 1 - tail), level: level)
}

/// A quantile of sorted values with linear interpolation (Hyndman & Fan's type 7).
package func quantile(_ sorted: [Double], _ probability: Double) -> Double {
    let position = probability * Double(sorted.count - 1)
    let below = Int(position)
    let above = min(below + 1, sorted.count - 1)
    return sorted[below] + (position - Double(below)) * (sorted[above] - sorted[below])
}
