/// A mean over items with its 95% interval, by bootstrap over groups.
public struct MeanWithInterval: Sendable, Codable, Equatable {
    public var mean: Double
    public var ciLow: Double
    public var ciHigh: Double

    /// - Parameters:
    ///   - groups: one for each value; items of one group are drawn together.
    ///   - seed: of the bootstrap's 2,000 samples.
    /// - Complexity: O(2,000 · values).
    public init(_ values: [Double], groups: [String], seed: UInt64) {
        precondition(values.count == groups.count, "Each value needs a group.")
        mean = values.reduce(0, +) / Double(max(values.count, 1))
        let interval = groupedBootstrapIntervals(Groups(groups), ofMeans: [values], seed: seed)[0]
        ciLow = interval?.low ?? mean
        ciHigh = interval?.high ?? mean
    }
}
