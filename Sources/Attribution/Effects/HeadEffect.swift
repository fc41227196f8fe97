import Statistics
import Transformer

/// The effect of editing a head on the logit difference, measured or estimated.
public typealias HeadEffect = HeadResult<MeanEffect>

/// The mean change of the logit difference over items.
public struct MeanEffect: Sendable, Codable, Equatable {
    /// The mean over the items of (logit difference with the edit − without it).
    public var effect: Double
    /// The lower end of the 95% interval of the mean, by bootstrap over groups (Efron 1979).
    ///
    /// With fewer than about ten groups the interval is too narrow; with one group there is none. The interval of an
    /// estimate shows how items differ, not how far the estimate is off.
    public var ciLow: Double?
    /// The upper end of the interval; see ``ciLow``.
    public var ciHigh: Double?
    /// The change on each item, in the order of the items.
    public var changes: [Double]

    /// Makes an effect that was measured elsewhere; by default it has no interval.
    public init(effect: Double, ciLow: Double? = nil, ciHigh: Double? = nil, changes: [Double]) {
        self.effect = effect
        self.ciLow = ciLow
        self.ciHigh = ciHigh
        self.changes = changes
    }
}

extension [HeadEffect] {
    /// Makes the effects at some heads, largest first; ties are decided by layer and head.
    ///
    /// - Parameters:
    ///   - changes: the change on each item, for each head.
    ///   - groups: the groups of the items.
    package init(_ heads: [Head], changes: [[Double]], groups: [String]) {
        let intervals = groupedBootstrapIntervals(Groups(groups), ofMeans: changes, resamples: 1000)
        self = heads.indices.map { index in
            HeadEffect(
                heads[index],
                MeanEffect(
                    effect: changes[index].reduce(0, +) / Double(changes[index].count), ciLow: intervals[index]?.low,
                    ciHigh: intervals[index]?.high, changes: changes[index]))
        }.sorted { $0.effect != $1.effect ? $0.effect > $1.effect : $0.head < $1.head }
    }
}
