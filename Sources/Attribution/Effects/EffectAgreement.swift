import Statistics
import Transformer

/// How well the estimated effects of heads agree with the measured ones.
public struct EffectAgreement: Sendable, Codable, Equatable {
    /// The correlation of both effects over heads; nil if either is the same for all heads.
    public var pearson: Double?
    /// The correlation of the ranks of both effects; nil if either is the same for all heads.
    public var spearman: Double?
    /// The share of the ten heads with the largest measured effects that are among the ten with the largest estimates.
    ///
    /// If there are fewer than ten heads, it is the share of all heads.
    public var topRecall: Double
    /// The share of heads whose estimate has the sign of the measured effect; nil if no head has an effect.
    ///
    /// Only heads whose effect is at least a twentieth of the largest in size are counted.
    public var signAgreement: Double?
    /// The number of heads that were compared.
    public var heads: Int

    /// The number of first heads that are compared, and the smallest share of the largest effect that is counted.
    private static let top = 10
    private static let leastShare = 0.05

    /// Compares the heads that are in both lists.
    public init(estimated: [HeadEffect], measured: [HeadEffect]) {
        let estimates = Dictionary(estimated.map { ($0.head, $0.effect) }) { first, _ in first }
        let pairs = measured.compactMap { head in
            estimates[head.head].map { (head: head.head, estimate: $0, effect: head.effect) }
        }
        heads = pairs.count
        pearson = correlation(pairs.map(\.estimate), pairs.map(\.effect))
        spearman = rankCorrelation(pairs.map(\.estimate), pairs.map(\.effect))
        func best(_ value: ((head: Head, estimate: Double, effect: Double)) -> Double) -> Set<Head> {
            Set(
                pairs.sorted { value($0) != value($1) ? value($0) > value($1) : $0.head < $1.head }
                    .prefix(Self.top).map(\.head))
        }
        let truth = best(\.effect)
        topRecall = truth.isEmpty ? 0 : Double(truth.intersection(best(\.estimate)).count) / Double(truth.count)
        let least = Self.leastShare * (pairs.map { abs($0.effect) }.max() ?? 0)
        let moved = pairs.filter { $0.effect != 0 && abs($0.effect) >= least }
        signAgreement =
            moved.isEmpty
            ? nil
            : Double(moved.count { ($0.estimate > 0) == ($0.effect > 0) && $0.estimate != 0 }) / Double(moved.count)
    }
}
