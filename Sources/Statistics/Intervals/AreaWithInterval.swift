import DataFiles

/// An area under the ROC curve with its 95% interval (``AreaUnderROC/interval(level:groups:)``).
public struct AreaWithInterval: Sendable, Codable, Equatable {
    /// The area; 0.5 for scores without information.
    public var area: Double
    /// The interval's lower end.
    public var ciLow: Double
    /// The interval's upper end.
    public var ciHigh: Double

    /// - Returns: nil if a class is missing.
    public init?(scores: [Double], labels: [Bool], groups: Groups) {
        guard let found = AreaUnderROC(scores: scores, labels: labels) else { return nil }
        let interval = found.interval(groups: groups)
        (area, ciLow, ciHigh) = (found.value, interval.low, interval.high)
    }
}
