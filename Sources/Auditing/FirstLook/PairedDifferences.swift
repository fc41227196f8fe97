import DataFiles
import Directions
import Statistics
import TensorCore
import Transformer

/// How far the differences between both classes point the same way at one head.
public struct PairedCosine: Sendable, Codable, Equatable {
    /// The mean cosine of the paired differences with each other: 1 if all are parallel, about 0 if they have nothing
    /// in common.
    public var cosine: Double
    /// The share of sign choices whose largest cosine over all heads reaches this one, counting the actual signs
    /// (max-T, Westfall & Young 1993).
    public var p: Double
}

/// A cheap first look: is the behaviour a direction here at all?
///
/// For each group, the mean of z over its texts with the label minus the mean over those without it is one difference.
/// If the label meant nothing, each difference could equally well have the other sign. The mean cosine of the
/// differences with each other is compared with what it is for signs chosen at random, the same ones at all heads.
public struct FirstLook: Sendable, Codable, Equatable {
    /// The number of differences.
    public var pairs: Int
    /// Whether pairs are groups that hold both classes; otherwise texts of either class were paired in their order.
    public var pairsAreGroups: Bool
    /// All heads with their cosine, in the order of layers and heads.
    public var heads: [HeadResult<PairedCosine>]
    /// The largest cosine over all heads that random signs exceed in one of twenty choices.
    public var nullCosine: Double

    /// The smallest p of all heads.
    public var p: Double { heads.map(\.p).min() ?? 1 }

    /// - Complexity: O(choices · heads · pairs · D).
    init(_ table: ActivationTable, rows: GroupedLabels, seed: UInt64, workers: WorkerPool) throws {
        let found = Self.pairs(rows)
        let pairs = found.pairs
        self.pairs = pairs.count
        pairsAreGroups = found.areGroups
        var random = SeededGenerator(seed: seed, stream: 31)
        let signs = (0..<AuditProtocol.signFlips).map { _ in pairs.map { _ in random.next() >> 63 == 0 ? 1.0 : -1 } }
        let all = Head.all(layers: table.layers, heads: table.heads)
        let cosines = try all.concurrentMap(workers) { head -> [Double] in
            let units = Self.unitDifferences(table[head], pairs)
            return ([pairs.map { _ in 1.0 }] + signs).map { Self.meanCosine(units, signs: $0) }
        }
        let largest = signs.indices.map { index in cosines.map { $0[index + 1] }.max() ?? 0 }
        heads = zip(all, cosines).map { head, values in
            let reached = largest.count { $0 >= values[0] - 1e-12 }
            return HeadResult(
                head, PairedCosine(cosine: values[0], p: Double(1 + reached) / Double(1 + signs.count)))
        }
        nullCosine = largest.sorted()[max(0, Int(0.95 * Double(largest.count)) - 1)]
    }

    /// Rows with and without the label: those of each group that has both, or else those of single groups in their
    /// order.
    private static func pairs(_ rows: GroupedLabels) -> (pairs: [(with: [Int], without: [Int])], areGroups: Bool) {
        let split = rows.groups.rowsOfGroup.map { own in
            (with: own.filter { rows.labels[$0] }, without: own.filter { !rows.labels[$0] })
        }
        let mixed = split.filter { !$0.with.isEmpty && !$0.without.isEmpty }
        if mixed.count >= 2 { return (mixed, true) }
        let with = split.map(\.with).filter { !$0.isEmpty }
        let without = split.map(\.without).filter { !$0.isEmpty }
        return (zip(with, without).map { ($0, $1) }, false)
    }

    private static func unitDifferences(
        _ z: HeadActivations, _ pairs: [(with: [Int], without: [Int])]
    ) -> [[Double]] {
        func mean(_ rows: [Int]) -> [Double] {
            var sum = [Double](repeating: 0, count: z.features)
            for row in rows {
                for column in 0..<z.features { sum[column] += Double(z.values[row * z.features + column]) }
            }
            return sum.map { $0 / Double(rows.count) }
        }
        return pairs.map { pair in
            let difference = zip(mean(pair.with), mean(pair.without)).map { $0 - $1 }
            let norm = difference.reduce(0) { $0 + $1 * $1 }.squareRoot()
            return norm > 0 ? difference.map { $0 / norm } : difference
        }
    }

    /// (‖Σ sᵢuᵢ‖² − Σ‖uᵢ‖²) / (n (n − 1)).
    static func meanCosine(_ units: [[Double]], signs: [Double]) -> Double {
        guard units.count > 1, let size = units.first?.count else { return 0 }
        var sum = [Double](repeating: 0, count: size)
        var own = 0.0
        for (unit, sign) in zip(units, signs) {
            for (column, value) in unit.enumerated() {
                sum[column] += sign * value
                own += value * value
            }
        }
        let n = Double(units.count)
        return (sum.reduce(0) { $0 + $1 * $1 } - own) / (n * (n - 1))
    }
}
