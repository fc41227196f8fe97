import DataFiles

/// A mean over items with its 95% interval, by bootstrap over groups.
public struct MeanWithInterval: Sendable, Codable, Equatable {
    /// The mean over items.
    public var mean: Double
    /// The interval's lower end; nil if all items are of one group, which can't show how groups differ.
    public var ciLow: Double?
    /// The interval's upper end; nil whenever ``ciLow`` is.
    public var ciHigh: Double?

    /// - Parameters:
    ///   - groups: the group of each value; items of one group are drawn together.
    ///   - seed: the seed of the bootstrap's 2,000 samples.
    /// - Complexity: O(2,000 · values).
    /// - Precondition: each value has a group.
    public init(_ values: [Double], groups: [String], seed: UInt64) {
        precondition(values.count == groups.count, "Each value needs a group.")
        mean = values.reduce(0, +) / Double(max(values.count, 1))
        let interval = groupedBootstrapIntervals(Groups(groups), ofMeans: [values], seed: seed)[0]
        ciLow = interval?.low
        ciHigh = interval?.high
    }

    /// The interval as a range that is widened to hold the mean, for pictures; nil if there is none.
    public var interval: ClosedRange<Double>? {
        guard let ciLow, let ciHigh else { return nil }
        return min(ciLow, mean)...max(ciHigh, mean)
    }

    /// The interval as people read it: `+0.12 … +0.80`, or why there is none.
    ///
    /// - Parameters:
    ///   - low, high: the bounds; nil for none.
    ///   - items: how many items there are, if that is known; a single item is then named as the reason.
    ///   - number: writes a bound.
    package static func text(_ low: Double?, _ high: Double?, items: Int? = nil, _ number: (Double) -> String) -> String
    {
        guard let low, let high else { return "no interval: one \(items == 1 ? "item" : "group")" }
        return "\(number(low)) … \(number(high))"
    }

    /// The interval as people read it; see ``text(_:_:items:_:)``.
    package func intervalText(items: Int? = nil, _ number: (Double) -> String) -> String {
        Self.text(ciLow, ciHigh, items: items, number)
    }

    /// Whether the interval is there and lies wholly above 0.
    public var isAboveZero: Bool { ciLow.map { $0 > 0 } ?? false }

    /// Both bounds are written as null if there is no interval, so that readers find every field.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(mean, forKey: .mean)
        try container.encode(ciLow, forKey: .ciLow)
        try container.encode(ciHigh, forKey: .ciHigh)
    }
}
