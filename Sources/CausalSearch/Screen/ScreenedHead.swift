import Foundation
import Statistics
import Transformer

/// A head with the screen's findings.
public typealias ScreenedHead = HeadResult<ScreenFinding>

/// The effect of moving a head both ways, and the effects of random directions there.
public struct ScreenFinding: Sendable, Codable, Equatable {
    /// The strength at which the effect is largest, in σ.
    public var strength: Double
    /// (mean change of the logit difference at +strength − mean change at −strength) / 2.
    ///
    /// This is the part of the change that depends on the sign. It is above 0 if the direction does what its labels
    /// say.
    public var effect: Double
    /// The lower end of the 95% interval of the effect, by bootstrap over groups (Efron 1979).
    ///
    /// With fewer than about ten groups the interval is too narrow; with one group there is none.
    public var ciLow: Double?
    /// The upper end of the interval; see ``ciLow``.
    public var ciHigh: Double?
    /// The mean change of the logit difference at +strength.
    public var positiveEffect: Double
    /// The mean change of the logit difference at −strength.
    public var negativeEffect: Double
    /// The effects of random directions of the same length at the same head.
    public var nullEffects: [Double]
    /// effect / the spread of random effects at this head, with the spread shrunk towards the usual spread of all
    /// heads; nil without random directions.
    public var excess: Double?
    /// The two-sided p value of ``excess`` as a moderated t statistic; 1 for a dropped head, nil without random
    /// directions.
    public var p: Double?
    /// The Benjamini-Hochberg q value of p over all heads, including dropped ones.
    public var q: Double?
    /// A cheap screen's estimate of the effect; nil if all heads are measured in full.
    public var estimate: Double?
    /// True if a cheap screen dropped the head; ``effect`` is then that screen's estimate.
    public var isDropped: Bool?
    /// The cross-validated AUROC of the head's direction as a detector; nil if it wasn't asked for.
    public var auroc: Double?
    /// The cosine of what the direction writes to the residual stream with what the contrast's tokens read from it
    /// (direct logit attribution); nil if it wasn't asked for.
    public var directCosine: Double?
}

extension ScreenedHead {
    /// Puts heads that were measured in full first, then larger effects; ties are decided by layer and head.
    static func isBefore(_ a: ScreenedHead, _ b: ScreenedHead) -> Bool {
        if a.isDropped != b.isDropped { return a.isDropped != true }
        return a.effect != b.effect ? a.effect > b.effect : a.head < b.head
    }
}

extension [ScreenedHead] {
    /// Removes layers that aren't complete, and layers with heads that aren't among the given ones.
    ///
    /// The findings of an earlier run or of another machine come from a file, which somebody may have changed.
    package mutating func keepWholeLayers(of heads: [Head]) {
        let wanted = Dictionary(grouping: heads, by: \.layer).mapValues { $0.sorted() }
        let found = Dictionary(grouping: map(\.head), by: \.layer).mapValues { $0.sorted() }
        removeAll { found[$0.head.layer] != wanted[$0.head.layer] }
    }

    /// Compares every effect with those of random directions of the same length at the same head.
    ///
    /// To first order, the effect of a direction r is g · r, where g is the gradient at the head. For random unit
    /// vectors r in D dimensions, g · r is nearly normal with variance |g|² / D. So effect / spread of a few random
    /// effects follows Student's t if the direction has nothing to do with the gradient; see ``ModeratedTest``.
    ///
    /// Heads that a cheap screen dropped count with p = 1. The other heads were chosen on the same items, but replacing
    /// a p with 1 only makes it larger. If a head has no effect, its p stays as rarely below any level as the test
    /// promises. Correcting over all heads therefore keeps the false discovery rate.
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
