import Foundation
import Probing
import Statistics

/// A figure with its interval. A bare number can't be judged: nobody knows how much of it is chance.
public struct Estimate: Sendable, Codable, Equatable {
    /// The figure.
    public var value: Double
    /// The interval's lower end.
    public var low: Double
    /// Its upper end.
    public var high: Double
    /// The share of data sets whose interval holds the true value.
    public var level: Double

    /// A figure with an interval computed elsewhere, of 95 % unless said otherwise.
    public init(_ value: Double, low: Double, high: Double, level: Double = 0.95) {
        self.value = value
        self.low = low
        self.high = high
        self.level = level
    }

    /// A mean with its bootstrap interval; bounds that are no number, and so meet no expectation, where all items are of one
    /// group.
    public init(_ mean: MeanWithInterval) {
        self.init(mean.mean, low: mean.ciLow ?? .nan, high: mean.ciHigh ?? .nan)
    }

    /// A share with Wilson's interval.
    public init(_ share: ShareWithInterval) { self.init(share.share, low: share.ciLow, high: share.ciHigh) }

    /// The area under the ROC curve of a cross-validated probe.
    public init(areaOf probe: ProbeMeasures) { self.init(probe.auroc, low: probe.ciLow, high: probe.ciHigh) }
}

extension Estimate: CustomStringConvertible {
    /// `0.98 [0.95, 1.00]`, with more decimals where the figure is small.
    public var description: String {
        let largest = max(abs(low), abs(high))
        let decimals = largest > 0 && largest < 0.1 ? 4 : 2
        func text(_ value: Double) -> String { String(format: "%.\(decimals)f", value) }
        return "\(text(value)) [\(text(low)), \(text(high))]"
    }
}

/// What a figure's whole interval has to keep to.
public enum Expectation: Sendable, Equatable, CustomStringConvertible {
    /// All of it is above.
    case above(Double)
    /// All of it is below.
    case below(Double)
    /// All of it lies within.
    case within(ClosedRange<Double>)
    /// It holds the value: what a control that does nothing has to show. A wide interval holds much: give this beside an
    /// expectation that the treatment meets with as many items.
    case includes(Double)

    /// Whether the figure meets it; not where a bound is no number.
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
