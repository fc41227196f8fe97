import DataFiles

/// The two-sided paired permutation test on the mean (Fisher, 1935): if an edit did nothing, each group's differences
/// could equally well have the other sign.
public struct SignFlipTest: Sendable, Codable, Equatable {
    /// The mean of all differences.
    public var mean: Double
    /// The share of sign choices whose mean is at least as far from zero; for random choices (1 + those) / (1 + all),
    /// so that p is never zero.
    public var p: Double
    /// Whether all sign choices were tried.
    public var isExact: Bool

    /// The most groups for which all sign choices are tried: 2¹⁴.
    public static let exactGroups = 14

    /// - Parameters:
    ///   - groups: the group of each difference; differences of one group flip together. Nil makes each its own group.
    ///   - permutations: the number of random choices if there are too many to try all. The default, 10,000, gives a p
    ///     of 0.05 to within ±0.004.
    ///   - seed: the seed of the random choices.
    /// - Complexity: O(choices · groups).
    /// - Precondition: there are permutations, and each difference has a group.
    public init(_ differences: [Double], groups: [String]? = nil, permutations: Int = 10_000, seed: UInt64 = 0) {
        precondition(permutations > 0, "A permutation test needs permutations.")
        precondition(groups.map { $0.count == differences.count } ?? true, "Each difference needs a group.")
        let groups = groups.map { Groups($0) } ?? Groups(rows: differences.count)
        // Groups that sum to zero are the same with either sign.
        let sums = groups.rowsOfGroup.map { $0.reduce(0) { $0 + differences[$1] } }.filter { $0 != 0 }
        let total = sums.reduce(0, +)
        mean = differences.isEmpty ? 0 : total / Double(differences.count)
        // Sums that are equal except for rounding count as equal.
        let bound = abs(total) - 1e-12 * sums.reduce(0) { $0 + abs($1) }
        isExact = sums.count <= Self.exactGroups
        if isExact {
            let choices = 1 << sums.count
            let extreme = (0..<choices).count { choice in
                let sum = sums.indices.reduce(0.0) { $0 + (choice >> $1 & 1 == 0 ? sums[$1] : -sums[$1]) }
                return abs(sum) >= bound
            }
            p = Double(extreme) / Double(choices)
            return
        }
        var random = SeededGenerator(seed: seed)
        var extreme = 0
        for _ in 0..<permutations {
            var (bits, sum) = (UInt64(0), 0.0)
            for (index, value) in sums.enumerated() {
                if index % 64 == 0 { bits = random.next() }
                sum += bits & 1 == 0 ? value : -value
                bits >>= 1
            }
            if abs(sum) >= bound { extreme += 1 }
        }
        p = Double(1 + extreme) / Double(1 + permutations)
    }
}
