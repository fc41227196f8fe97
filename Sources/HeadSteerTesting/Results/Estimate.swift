import Foundation
import Probing
import Statistics

/// A figure with its interval.
///
/// A figure without an interval can't be judged, because nobody knows how much of it is chance.
public struct Estimate: Sendable, Codable, Equatable {
    /// The figure.
    public var value: Double
    /// The interval's lower end.
    public var low: Double
    /// The interval's upper end.
    public var high: Double
    /// The share of data sets for which such an interval contains the true value.
    public var level: Double

    /// Creates a figure with an interval that was computed elsewhere; the default level is 95 %.
    public init(_ value: Double, low: Double, high: Double, level: Double = 0.95) {
        self.value = value
        self.low = low
        self.high = high
        self.level = level
    }

    /// Creates a mean with its bootstrap interval.
    ///
    /// If all items are in one group, the bounds are NaN, which meets no expectation.
    public init(_ mean: MeanWithInterval) {
        self.init(mean.mean, low: mean.ciLow ?? .nan, high: mean.ciHigh ?? .nan)
    }

    /// Creates a share with its Wilson interval.
    public init(_ share: ShareWithInterval) { self.init(share.share, low: share.ciLow, high: share.ciHigh) }

    /// Creates the area under the ROC curve of a cross-validated probe.
    public init(areaOf probe: ProbeMeasures) { self.init(probe.auroc, low: probe.ciLow, high: probe.ciHigh) }
}

extension Estimate: CustomStringConvertible {
    /// `0.98 [0.95, 1.00]`, with more decimals for small figures.
    public var description: String {
        let largest = max(abs(low), abs(high))
        let decimals = largest > 0 && largest < 0.1 ? 4 : 2
        func text(_ value: Double) -> String { String(format: "%.\(decimals)f", value) }
        return "\(text(value)) [\(text(low)), \(text(high))]"
    }
}

/// The condition that a figure's whole interval must meet.
public enum Expectation: Sendable, Equatable, CustomStringConvertible {
    /// The whole interval is above the value.
    case above(Double)
    /// The whole interval is below the value.
    case below(Double)
    /// The whole interval lies within the range.
    case within(ClosedRange<Double>)
    /// The interval includes the value, as a control without effect must show.
    ///
    /// A wide interval includes many values, so use this together with an expectation that the treatment meets with the
    /// same number of items.
    case includes(Double)

    /// Whether the figure meets the expectation; never if a bound is NaN.
    public func holds(for estimate: Estimate) -> Bool {
        switch self {
        case .above(let bound): estimate.low > bound
        case .below(let bound): estimate.high < bound
        case .within(let range): range.contains(estimate.low) && range.contains(estimate.high)
        case .includes(let value): estimate.low <= value && value <= estimate.high
        }
    }

    public var description: String {
        switch self {
        case .above(let bound): "above \(bound)"
        case .below(let bound): "below \(bound)"
        case .within(let range): "within \(range.lowerBound) to \(range.upperBound)"
        case .includes(let value): "an interval that includes \(value)"
        }
    }
}
