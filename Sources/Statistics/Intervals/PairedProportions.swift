import DataFiles

/// The difference between two shares of the same items, after minus before, with an interval.
public struct PairedProportions: Sendable, Codable, Equatable {
    /// The difference, after minus before, from −1 to 1.
    public var difference: Double
    /// The interval's lower end.
    public var ciLow: Double
    /// The interval's upper end.
    public var ciHigh: Double

    /// Computes the 95% interval by Newcombe's method 10 (Statistics in Medicine 17, 1998, 2635-2650).
    ///
    /// It combines Wilson's intervals of both shares with the correlation φ between them, whose numerator is corrected
    /// for continuity if it is positive. It keeps its level for few items and shares near 0 or 1, and stays within
    /// −1 … 1.
    ///
    /// - Parameter before, after: the same items in the same order, at least one, independent of each other.
    /// - Precondition: there are as many items before as after, at least one.
    public init(before: [Bool], after: [Bool], level: Double = 0.95) {
        precondition(before.count == after.count && !before.isEmpty, "Paired items are as many before as after.")
        let n = Double(before.count)
        func count(_ first: Bool, _ second: Bool) -> Double {
            Double(zip(before, after).count { $0 == first && $1 == second })
        }
        let (both, gained, lost, neither) = (
            count(true, true), count(false, true), count(true, false), count(false, false)
        )
        let (p1, p2) = ((both + gained) / n, (both + lost) / n)
        let one = ConfidenceInterval.wilson(successes: both + gained, of: n, level: level)
        let two = ConfidenceInterval.wilson(successes: both + lost, of: n, level: level)
        let product = (both + gained) * (lost + neither) * (both + lost) * (gained + neither)
        var excess = both * neither - gained * lost
        if excess > 0 { excess = max(excess - n / 2, 0) }
        let phi = product == 0 ? 0 : excess / product.squareRoot()
        func reach(_ a: Double, _ b: Double) -> Double { max(a * a - 2 * phi * a * b + b * b, 0).squareRoot() }
        difference = p1 - p2
        ciLow = difference - reach(p1 - one.low, two.high - p2)
        ciHigh = difference + reach(one.high - p1, p2 - two.low)
    }
}
