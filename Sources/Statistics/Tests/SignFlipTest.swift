import DataFiles

/// The paired permutation test on the mean (Fisher, 1935): if an edit did nothing, each group's differences might as well
/// have the other sign. Two-sided.
public struct SignFlipTest: Sendable, Codable, Equatable {
    /// The mean of all differences.
    public var mean: Double
    /// The share of sign choices whose mean is at least as far from zero; with random choices (1 + those) / (1 + all), so
    /// that p is never zero.
    public var p: Double
    /// Whether all choices were gone through.
    public var isExact: Bool

    /// The most groups whose choices are all gone through: 2¹⁴.
    public static let exactGroups = 14

    /// - Parameters:
    ///   - groups: differences of a group flip together; nil for each by itself.
    ///   - permutations: the number of random choices where there are too many to go through all. The default, 10,000, tells
    ///     p of 0.05 to ±0.004.
    ///   - seed: of the random choices.
    /// - Complexity: O(choices · groups).
    /// - Precondition: a permutation test needs permutations; each difference needs a group.
    public init(_ differences: [Double], groups: [String]? = nil, permutations: Int = 10_000, seed: UInt64 = 0) {
        precondition(permutations > 0, "A permutation test needs permutations.")
        precondition(groups.map { $0.count == differences.count } ?? true, "Each difference needs a group.")
        let groups = groups.map { Groups($0) } ?? Groups(rows: differences.count)
        // Groups that sum to zero are the same with either sign.
        let sums = groups.rowsOfGroup.map { $0.reduce(0) { $0 + differences[$1] } }.filter { $0 != 0 }
        let total = sums.reduce(0, +)
        mean = differences.isEmpty ? 0 : total / Double(differences.count)
        // Sums that are equal but for rounding count as equal.
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
