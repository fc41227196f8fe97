import DataFiles

/// A share of items with its 95% interval by Wilson's formula.
public struct ShareWithInterval: Sendable, Codable, Equatable {
    /// The share, from 0 to 1.
    public var share: Double
    /// The interval's lower end.
    public var ciLow: Double
    /// The interval's upper end.
    public var ciHigh: Double

    /// The mean of values from 0 to 1, with its interval.
    ///
    /// If groups have several items, the number of items is divided by the design effect (see
    /// `ConfidenceInterval.wilson(of:groups:level:)`). No values give 0 with an interval from 0 to 1.
    ///
    /// - Parameter groups: the group of each value.
    /// - Precondition: each value has a group and lies between 0 and 1.
    public init(_ values: [Double], groups: [String]) {
        precondition(values.count == groups.count, "Each value needs a group.")
        precondition(values.allSatisfy { (0...1).contains($0) }, "A share is a mean of values from 0 to 1.")
        guard !values.isEmpty else {
            (share, ciLow, ciHigh) = (0, 0, 1)
            return
        }
        let (sum, count) = (values.reduce(0, +), Double(values.count))
        let groups = Groups(groups)
        let interval =
            groups.count == values.count
            ? ConfidenceInterval.wilson(successes: min(sum, count), of: count)
            : ConfidenceInterval.wilson(of: values, groups: groups)
        (share, ciLow, ciHigh) = (sum / count, interval.low, interval.high)
    }

    /// The share of items for which something holds; see ``init(_:groups:)-([Double],_)``.
    public init(_ holds: [Bool], groups: [String]) { self.init(holds.map { $0 ? 1 : 0 }, groups: groups) }
}
