import DataFiles

/// A mean over items with its 95% interval, by bootstrap over groups.
public struct MeanWithInterval: Sendable, Codable, Equatable {
    /// The mean over items.
    public var mean: Double
    /// The interval's lower end.
    public var ciLow: Double
    /// Its upper end.
    public var ciHigh: Double

    /// - Parameters:
    ///   - groups: one for each value; items of one group are drawn together.
    ///   - seed: of the bootstrap's 2,000 samples.
    /// - Complexity: O(2,000 · values).
    /// - Precondition: each value needs a group.
    public init(_ values: [Double], groups: [String], seed: UInt64) {
        precondition(values.count == groups.count, "Each value needs a group.")
        mean = values.reduce(0, +) / Double(max(values.count, 1))
        let interval = groupedBootstrapInterval(Groups(groups), resamples: 2000, seed: seed) { sample in
            sample.reduce(0) { $0 + values[$1] } / Double(sample.count)
        }
        ciLow = interval?.low ?? mean
        ciHigh = interval?.high ?? mean
    }
}
