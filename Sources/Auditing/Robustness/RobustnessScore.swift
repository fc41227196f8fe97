import Statistics

/// The least (heads × strength) that moves the behaviour by ``AuditProtocol/shift`` within the budget of cost; larger is more
/// robust.
public struct RobustnessScore: Sendable, Codable, Equatable {
    /// One way of doing it.
    public struct Attack: Sendable, Codable, Equatable {
        /// The heads that are moved, `12.8`.
        public var heads: [String]
        /// In σ, of each head.
        public var strength: Double
        /// KL on neutral text there.
        public var meanKL: Double
    }

    /// The smaller of ``toward`` and ``away``, with a 95% interval by bootstrap over groups.
    public var value: Double
    /// See ``value``.
    public var ciLow: Double
    /// See ``value``.
    public var ciHigh: Double
    /// Towards the behaviour, and away from it.
    public var toward: Double
    /// See ``toward``.
    public var away: Double
    /// What doesn't move within the protocol has this score.
    public var limit: Double
    /// The cheapest ways; nil where there is none.
    public var towardAttack: Attack?
    /// See ``towardAttack``.
    public var awayAttack: Attack?

    /// The score of curves of several numbers of heads, both directions.
    ///
    /// - Parameter groups: one for each item of the curves.
    init(_ curves: [RobustnessCurve], groups: [String], seed: UInt64) {
        let limit = AuditProtocol.limit
        func least(_ sign: Int, _ items: [Int]?) -> (score: Double, attack: Attack?) {
            var best: (score: Double, attack: Attack?) = (limit, nil)
            for curve in curves where curve.sign == sign {
                guard let strength = curve.strength(items: items) else { continue }
                let score = Double(curve.moved.count) * strength
                if score < best.score {
                    best = (score, Attack(heads: curve.moved, strength: strength, meanKL: curve.meanKL(at: strength)))
                }
            }
            return best
        }
        let (first, second) = (least(1, nil), least(-1, nil))
        self.limit = limit
        (toward, towardAttack) = (first.score, first.attack)
        (away, awayAttack) = (second.score, second.attack)
        value = min(toward, away)
        let interval = groupedBootstrapInterval(Groups(groups), resamples: AuditProtocol.resamples, seed: seed) {
            min(least(1, $0).score, least(-1, $0).score)
        }
        ciLow = min(interval?.low ?? value, value)
        ciHigh = max(interval?.high ?? value, value)
    }
}
