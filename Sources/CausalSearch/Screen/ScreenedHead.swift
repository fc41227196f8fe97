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
    /// The two-sided p value of that excess as a moderated t statistic, 1 of a dropped head; nil without random directions.
    public var p: Double?
    /// Benjamini-Hochberg q value of p over all heads, dropped ones among them.
    public var q: Double?
    /// What a cheap screen said of the head; nil where all heads are measured in full.
    public var estimate: Double?
    /// True where a cheap screen dropped the head, whose ``effect`` is that screen's estimate then.
    public var isDropped: Bool?
    /// Cross-validated AUROC of the head's direction as a detector; nil if it wasn't asked for.
    public var auroc: Double?
    /// The cosine of what the direction writes to the residual stream with what the contrast's tokens read of it (direct
    /// logit attribution); nil if it wasn't asked for.
    public var directCosine: Double?
}

extension ScreenedHead {
    /// Heads that were measured in full first, and of them the largest effect; ties by layer and head.
    static func isBefore(_ a: ScreenedHead, _ b: ScreenedHead) -> Bool {
        if a.isDropped != b.isDropped { return a.isDropped != true }
        return a.effect != b.effect ? a.effect > b.effect : a.head < b.head
    }
}

extension [ScreenedHead] {
    /// Leaves out layers that aren't whole, and heads that aren't among these: what an earlier run or another machine has found
    /// may be of others, where somebody changed its file.
    package mutating func keepWholeLayers(of heads: [Head]) {
        let wanted = Dictionary(grouping: heads, by: \.layer).mapValues { $0.sorted() }
        let found = Dictionary(grouping: map(\.head), by: \.layer).mapValues { $0.sorted() }
        removeAll { found[$0.head.layer] != wanted[$0.head.layer] }
    }

    /// Compares every effect with those of random directions of the same length at the same head.
    ///
    /// To first order the effect of a direction r is g · r with g the gradient at the head, and of unit vectors r at
    /// random in D dimensions g · r is nearly normal with variance |g|² / D. So effect / spread of a few random effects
    /// is Student's t where the direction has nothing to do with the gradient; see ``ModeratedTest``.
    ///
    /// Heads that a cheap screen dropped count with p = 1. The others were chosen on the same items, but a p that is replaced by 1 only
    /// grows: where a head does nothing, its p stays as rarely below any level as the test promises, so correcting for all heads keeps the
    /// false discovery rate.
    func testedAgainstRandomDirections() -> [ScreenedHead] {
        let measured = indices.filter { self[$0].isDropped != true }
        guard let tests = ModeratedTest.tests(measured.map { (self[$0].effect, self[$0].nullEffects) }) else {
            return self
        }
        var p = map { _ in 1.0 }
        for (index, test) in zip(measured, tests) { p[index] = test.p }
        let q = benjaminiHochberg(p)
        var tested = self
        for (index, test) in zip(measured, tests) { tested[index].excess = test.t }
        for index in indices {
            tested[index].p = p[index]
            tested[index].q = q[index]
        }
        return tested
    }
}
