import DataFiles
import Evaluation
import Foundation
import Probing
import Transformer

/// What the screen found at a head.
public typealias ScreenedHead = HeadResult<ScreenFinding>

/// The effect of moving a head in both directions, and what random directions do there.
public struct ScreenFinding: Sendable, Codable, Equatable {
    /// The strength at which the effect is largest, in σ.
    public var strength: Double
    /// Half of (mean change of the logit difference at +strength − that at −strength): what the sign decides. Above 0 where
    /// the direction does what its labels say.
    public var effect: Double
    /// 95% interval of the effect, by bootstrap over groups (Efron 1979); with fewer than about ten groups it is too narrow.
    public var ciLow: Double
    public var ciHigh: Double
    /// The mean change at +strength and at −strength.
    public var positiveEffect: Double
    public var negativeEffect: Double
    /// The effects of random directions of the same length at the same head.
    public var nullEffects: [Double]
    /// effect / the spread of random effects at this head, the spread drawn towards what is usual among all heads; nil
    /// without random directions.
    public var excess: Double?
    /// The two-sided p value of that excess as a moderated t statistic; nil without random directions.
    public var p: Double?
    /// Benjamini-Hochberg q value of p over all heads.
    public var q: Double?
    /// Cross-validated AUROC of the head's direction as a detector; nil where it wasn't asked for.
    public var auroc: Double?
    /// The cosine of what the direction writes to the residual stream with what the contrast's tokens read of it (direct
    /// logit attribution); nil where it wasn't asked for.
    public var directCosine: Double?
}

extension ScreenedHead {
    /// Largest effect first; ties by layer and head.
    static func isBefore(_ a: ScreenedHead, _ b: ScreenedHead) -> Bool {
        a.effect != b.effect ? a.effect > b.effect : a.head < b.head
    }
}

extension [ScreenedHead] {
    /// How many random effects the usual spread of all heads counts for at each of them.
    static let priorWeight = 4

    /// Compares every effect with those of random directions of the same length at the same head.
    ///
    /// To first order the effect of a direction r is g · r with g the gradient at the head, and of unit vectors r at random in
    /// D dimensions g · r is nearly normal with variance |g|² / D. So effect / spread of a few random effects is Student's t
    /// where the direction has nothing to do with the gradient. As they are few, their mean square is drawn towards the
    /// median of all heads' with the weight of four (empirical Bayes, Smyth 2004, doi 10.2202/1544-6115.1027): t has
    /// 4 + (their number) degrees of freedom.
    func testedAgainstRandomDirections() -> [ScreenedHead] {
        let count = map(\.nullEffects.count).min() ?? 0
        guard count > 0 else { return self }
        let squares = map { head in
            head.nullEffects.reduce(0) { $0 + $1 * $1 } / Double(head.nullEffects.count)
        }
        let usual = Swift.max(squares.sorted()[self.count / 2], .leastNormalMagnitude)
        var tested = self
        for index in indices {
            let number = self[index].nullEffects.count
            let square =
                (Double(number) * squares[index] + Double(Self.priorWeight) * usual)
                / Double(number + Self.priorWeight)
            let excess = self[index].effect / square.squareRoot()
            tested[index].excess = excess
            tested[index].p = studentTail(excess, degrees: number + Self.priorWeight)
        }
        for (index, q) in benjaminiHochberg(tested.compactMap(\.p)).enumerated() { tested[index].q = q }
        return tested
    }
}

/// The probability that |t| is at least as large with Student's distribution of a whole number of degrees of freedom
/// (Abramowitz & Stegun 1964, 26.7.3 and 26.7.4).
///
/// O(degrees).
func studentTail(_ t: Double, degrees: Int) -> Double {
    precondition(degrees >= 1, "Student's distribution has at least one degree of freedom.")
    guard t.isFinite else { return t.isNaN ? 1 : 0 }
    let angle = atan(abs(t) / Double(degrees).squareRoot())
    let (sine, square) = (sin(angle), cos(angle) * cos(angle))
    // 1, 2/3 c², (2·4)/(3·5) c⁴ … or 1, 1/2 c², (1·3)/(2·4) c⁴ …
    let isOdd = !degrees.isMultiple(of: 2)
    var (term, sum) = (1.0, 0.0)
    for k in 0..<((isOdd ? degrees - 1 : degrees) / 2) {
        sum += term
        let j = Double(2 * k)
        term *= square * (isOdd ? (j + 2) / (j + 3) : (j + 1) / (j + 2))
    }
    let inside = isOdd ? 2 / Double.pi * (angle + (degrees == 1 ? 0 : sine * cos(angle) * sum)) : sine * sum
    return Swift.max(0, 1 - inside)
}
