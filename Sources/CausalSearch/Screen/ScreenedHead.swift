import Foundation
import Statistics
import Transformer

/// What the screen found at a head.
public typealias ScreenedHead = HeadResult<ScreenFinding>

/// The effect of moving a head in both directions, and what random directions do there.
public struct ScreenFinding: Sendable, Codable, Equatable {
    /// The strength at which the effect is largest, in σ.
    public var strength: Double
    /// Half of (mean change of the logit difference at +strength − that at −strength): what the sign decides. Above 0
    /// where the direction does what its labels say.
    public var effect: Double
    /// 95% interval of the effect, by bootstrap over groups (Efron 1979); with fewer than about ten groups it is too
    /// narrow, and with one there is none.
    public var ciLow: Double?
    /// See ``ciLow``.
    public var ciHigh: Double?
    /// The mean change at +strength and at −strength.
    public var positiveEffect: Double
    /// See ``positiveEffect``.
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
    /// Cross-validated AUROC of the head's direction as a detector; nil if it wasn't asked for.
    public var auroc: Double?
    /// The cosine of what the direction writes to the residual stream with what the contrast's tokens read of it (direct
    /// logit attribution); nil if it wasn't asked for.
    public var directCosine: Double?
}

extension ScreenedHead {
    /// Largest effect first; ties by layer and head.
    static func isBefore(_ a: ScreenedHead, _ b: ScreenedHead) -> Bool {
        a.effect != b.effect ? a.effect > b.effect : a.head < b.head
    }
}

extension [ScreenedHead] {
    /// Compares every effect with those of random directions of the same length at the same head.
    ///
    /// To first order the effect of a direction r is g · r with g the gradient at the head, and of unit vectors r at
    /// random in D dimensions g · r is nearly normal with variance |g|² / D. So effect / spread of a few random effects
    /// is Student's t where the direction has nothing to do with the gradient; see ``ModeratedTest``.
    func testedAgainstRandomDirections() -> [ScreenedHead] {
        guard let tests = ModeratedTest.tests(map { ($0.effect, $0.nullEffects) }) else { return self }
        let q = benjaminiHochberg(tests.map(\.p))
        var tested = self
        for (index, test) in tests.enumerated() {
            tested[index].excess = test.t
            tested[index].p = test.p
            tested[index].q = q[index]
        }
        return tested
    }
}
