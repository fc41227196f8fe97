import DataFiles

/// What an edit changed, item by item: the same items before and after.
public struct PairedChange: Sendable, Codable, Equatable {
    /// The number of items.
    public var items: Int
    /// The change, after − before, with a bootstrap interval over groups.
    public var change: MeanWithInterval
    /// The share of items that moved against the intended direction, which Tan et al. 2024 (arXiv 2407.12404) call
    /// anti-steerable; items that didn't move don't count as such.
    public var movedWrongWay: ShareWithInterval
    /// The test of whether the mean change is zero, by flipping the signs of whole groups.
    public var signFlip: SignFlipTest
    /// The test of whether the groups' mean changes lie symmetrically around zero.
    public var wilcoxon: WilcoxonTest
    /// The test of whether as many groups went up as down.
    public var sign: SignTest

    /// - Parameters:
    ///   - before, after: the value of each item, such as a logit difference or a judge's score.
    ///   - groups: the group of each item; items of one group are not independent of each other.
    ///   - intended: +1 if the edit should make the values larger, −1 if smaller.
    ///   - seed: the seed of bootstrap and permutations.
    /// - Precondition: there are as many items before as after; the intended direction is +1 or −1.
    public init(before: [Double], after: [Double], groups: [String], intended: Int = 1, seed: UInt64 = 0) {
        precondition(before.count == after.count, "Paired items are as many before as after.")
        precondition(intended == 1 || intended == -1, "The intended direction is +1 or −1.")
        let changes = zip(after, before).map { $0 - $1 }
        items = changes.count
        change = MeanWithInterval(changes, groups: groups, seed: seed)
        movedWrongWay = ShareWithInterval(changes.map { $0 * Double(intended) < 0 }, groups: groups)
        signFlip = SignFlipTest(changes, groups: groups, seed: seed)
        let means = groupMeans(changes, groups: groups)
        wilcoxon = WilcoxonTest(means)
        sign = SignTest(means)
    }
}

/// The mean of each group's values, with the groups in the order of first appearance.
package func groupMeans(_ values: [Double], groups: [String]) -> [Double] {
    var order: [String] = []
    var sums: [String: (sum: Double, count: Int)] = [:]
    for (value, group) in zip(values, groups) {
        if sums[group] == nil { order.append(group) }
        sums[group, default: (0, 0)].sum += value
        sums[group, default: (0, 0)].count += 1
    }
    return order.compactMap { sums[$0].map { $0.sum / Double($0.count) } }
}
