import DataFiles

/// The percentile interval of any statistic, from samples of whole groups drawn with replacement (Efron, 1979).
///
/// Use it for statistics without a formula, and for rows that depend on each other within groups. The bounds are sample
/// quantiles with linear interpolation.
/// - Parameters:
///   - resamples: the number of samples.
///   - statistic: gives the value for a sample of row numbers (repeated ones included); nil for samples in which it
///     isn't defined, which are left out.
/// - Returns: nil if no sample has a value, and for fewer than two groups: one group can't show how groups differ.
/// - Precondition: there are samples, and the level is between 0 and 1.
public func groupedBootstrapInterval(
    _ groups: Groups, level: Double = 0.95, resamples: Int = 2000, seed: UInt64 = 0,
    statistic: (_ rows: [Int]) -> Double?
) -> ConfidenceInterval? {
    precondition(resamples > 0 && level > 0 && level < 1, "A bootstrap needs samples and a level between 0 and 1.")
    var values: [Double] = []
    forEachSample(of: groups, resamples: resamples, seed: seed) { sample in
        if let value = statistic(sample) { values.append(value) }
    }
    return percentileInterval(&values, level: level)
}

/// The percentile intervals of the means of several columns of values, from the same samples of whole groups of rows.
///
/// Each is what ``groupedBootstrapInterval(_:level:resamples:seed:statistic:)`` gives for that mean by itself, in a
/// fraction of the time.
/// - Parameter columns: for each mean, a value for each row.
/// - Returns: an interval for each column; nil if there are fewer than two groups.
/// - Complexity: O(resamples · (rows · columns + columns · log resamples)).
public func groupedBootstrapIntervals(
    _ groups: Groups, ofMeans columns: [[Double]], level: Double = 0.95, resamples: Int = 2000, seed: UInt64 = 0
) -> [ConfidenceInterval?] {
    precondition(resamples > 0 && level > 0 && level < 1, "A bootstrap needs samples and a level between 0 and 1.")
    precondition(columns.allSatisfy { $0.count == groups.rows }, "Each column needs a value for each row.")
    var means = columns.map { _ in [Double]() }
    for index in means.indices { means[index].reserveCapacity(resamples) }
    forEachSample(of: groups, resamples: resamples, seed: seed) { sample in
        for (index, column) in columns.enumerated() {
            var sum = 0.0
            for row in sample { sum += column[row] }
            means[index].append(sum / Double(sample.count))
        }
    }
    return means.indices.map { percentileInterval(&means[$0], level: level) }
}

/// Calls `body` with samples of as many groups as there are, drawn with replacement, each as the numbers of its rows.
///
/// A single group gives no samples, since they would all be the same.
private func forEachSample(of groups: Groups, resamples: Int, seed: UInt64, _ body: (_ rows: [Int]) -> Void) {
    var generator = SeededGenerator(seed: seed)
    let groups = groups.rowsOfGroup
    var sample: [Int] = []
    for _ in 0..<resamples where groups.count > 1 {
        sample.removeAll(keepingCapacity: true)
        for _ in groups { sample.append(contentsOf: groups[generator.integer(below: groups.count)]) }
        body(sample)
    }
}

/// The range between the tails of some values, which it sorts; nil if there are none.
private func percentileInterval(_ values: inout [Double], level: Double) -> ConfidenceInterval? {
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
