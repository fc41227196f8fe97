import Foundation

/// Wilcoxon's two-sided signed-rank test (1945): whether differences lie symmetrically around zero.
///
/// Zeros are left out.
public struct WilcoxonTest: Sendable, Codable, Equatable {
    /// W⁺: the sum of the ranks of |d| over the differences above zero; equal magnitudes share the mean of their ranks.
    public var statistic: Double
    /// The number of differences that aren't zero.
    public var count: Int
    /// The p value; 1 if every difference is zero.
    public var p: Double
    /// Whether p comes from the distribution of W⁺ itself, rather than from the normal approximation.
    public var isExact: Bool

    /// The most differences for which the distribution is enumerated, which is scipy's limit.
    public static let exactCount = 50

    /// Tests exactly for at most ``exactCount`` differences without equal magnitudes, otherwise by a normal
    /// approximation with the variance corrected for ties and no continuity correction, as in scipy.
    ///
    /// - Parameter differences: the differences, independent of each other.
    /// - Complexity: O(n log n); if exact O(n³) with n ≤ 50.
    public init(_ differences: [Double]) {
        let values = differences.filter { $0 != 0 }.sorted { abs($0) < abs($1) }
        count = values.count
        var (sum, ties, start) = (0.0, 0.0, 0)
        while start < values.count {
            var end = start + 1
            while end < values.count, abs(values[end]) == abs(values[start]) { end += 1 }
            let rank = Double(start + 1 + end) / 2
            sum += rank * Double(values[start..<end].count { $0 > 0 })
            let size = Double(end - start)
            ties += size * size * size - size
            start = end
        }
        statistic = sum
        let n = Double(count)
        if count == 0 {
            (p, isExact) = (1, true)
        } else if ties == 0, count <= Self.exactCount {
            (p, isExact) = (Self.exactP(Int(sum), count: count), true)
        } else {
            let variance = n * (n + 1) * (2 * n + 1) / 24 - ties / 48
            let z = (sum - n * (n + 1) / 4) / variance.squareRoot()
            (p, isExact) = (erfc(abs(z) / 2.0.squareRoot()), false)
        }
    }

    /// 2 · min(P(W ≤ w), P(W ≥ w)), W being a sum over some of the ranks 1 … n, each taken with probability ½.
    private static func exactP(_ w: Int, count n: Int) -> Double {
        let most = n * (n + 1) / 2
        // In how many ways each sum comes about: at most 2⁵⁰, so exact.
        var ways = [Double](repeating: 0, count: most + 1)
        ways[0] = 1
        for rank in 1...n {
            for sum in stride(from: most, through: rank, by: -1) { ways[sum] += ways[sum - rank] }
        }
        let smaller = ways[...w].reduce(0, +)
        let larger = ways[w...].reduce(0, +)
        return min(1, 2 * min(smaller, larger) / pow(2, Double(n)))
    }
}
