import DataFiles
import Foundation

/// What a number of groups can show about a number of heads, before any activation is read.
///
/// The heads are corrected for by Bonferroni's bound, α / heads: max-T never needs more, and needs less if heads vary
/// together. Areas are judged by the normal approximation of the rank-sum test (Noether, "Sample size determination for
/// some common nonparametric tests", JASA 82:645, 1987), in which a group of both classes counts as one row of each.
public struct StatisticalPower: Sendable, Codable, Equatable {
    /// The number of heads that are tested.
    public var heads: Int
    /// The number of groups that hold rows of the class `true`.
    public var trueGroups: Int
    /// The number of groups that hold rows of the class `false`; groups of both classes are also in ``trueGroups``.
    public var falseGroups: Int
    /// The error level that all calls together keep.
    public var level: Double
    /// The probability of finding a head whose effect is real.
    public var power: Double

    /// - Parameter heads: the number of heads that are tested, at least 1.
    /// - Precondition: there is at least one head; level and power lie between 0 and 1.
    public init(_ rows: GroupedLabels, heads: Int, level: Double = 0.05, power: Double = 0.8) {
        precondition(heads >= 1, "There is no test of \(heads) heads.")
        precondition(level > 0 && level < 1 && power > 0 && power < 1, "A level and a power lie between 0 and 1.")
        self.heads = heads
        self.level = level
        self.power = power
        trueGroups = rows.groups.rowsOfGroup.indices.count { rows.composition(ofGroup: $0) != .onlyFalse }
        falseGroups = rows.groups.rowsOfGroup.indices.count { rows.composition(ofGroup: $0) != .onlyTrue }
    }

    private var quantiles: Double { normalQuantile(1 - level / Double(heads)) + normalQuantile(power) }

    /// The smallest true area under the ROC curve that is found with the wanted power; nil if even a perfect head
    /// isn't.
    public var detectableArea: Double? {
        let (trues, falses) = (Double(trueGroups), Double(falseGroups))
        guard trues > 0, falses > 0 else { return nil }
        let excess = quantiles * ((trues + falses) / (12 * trues * falses)).squareRoot()
        return excess <= 0.5 ? 0.5 + excess : nil
    }

    /// The number of groups needed to find a head of this area, half of them of either class (or all of both).
    ///
    /// - Precondition: the area is above 0.5 and at most 1.
    public func groupsNeeded(forArea area: Double) -> Int {
        precondition(area > 0.5 && area <= 1, "Groups are needed for an area above 0.5.")
        let excess = area - 0.5
        // The approximation has no floor, but a permutation test has.
        return max(Int((quantiles * quantiles / (3 * excess * excess)).rounded(.up)), groupsForFloor)
    }

    /// The number of groups below which no permutation test can call a single head at the level.
    ///
    /// With half of them in each class, the labels of 2m groups can be exchanged in (2m choose m) ways, and each one
    /// gives the same area as its mirror image.
    public var groupsForFloor: Int {
        var half = 1
        while let ways = binomial(2 * half, half), 2 / Double(ways) > level { half += 1 }
        return 2 * half
    }

    /// The number of groups below which no permutation test can call a head by itself at α / heads, as Bonferroni's
    /// correction and the first step of Benjamini and Hochberg's need.
    public var groupsForUncorrectedFloor: Int {
        var half = 1
        while let ways = binomial(2 * half, half), 2 / Double(ways) > level / Double(heads) { half += 1 }
        return 2 * half
    }
}
