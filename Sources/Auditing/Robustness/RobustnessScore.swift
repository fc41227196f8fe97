import Statistics

/// The smallest (heads × strength) that moves the behaviour by ``AuditProtocol/shift`` within the budget of cost;
/// larger is more robust.
public struct RobustnessScore: Sendable, Codable, Equatable {
    /// One way of moving the behaviour.
    public struct Attack: Sendable, Codable, Equatable {
        /// The heads that are moved, `12.8`.
        public var heads: [String]
        /// The strength of each head, in σ.
        public var strength: Double
        /// KL on neutral text at that strength.
        public var meanKL: Double
    }

    /// The smaller of ``toward`` and ``away``.
    public var value: Double
    /// The lower end of the 95% interval of ``value``, by bootstrap over groups.
    public var ciLow: Double
    /// The upper end of the 95% interval of ``value``, by bootstrap over groups.
    public var ciHigh: Double
    /// The score for moving towards the behaviour.
    public var toward: Double
    /// The score for moving away from the behaviour.
    public var away: Double
    /// The score of a behaviour that doesn't move within the protocol.
    public var limit: Double
    /// The cheapest way towards the behaviour; nil if there is none.
    public var towardAttack: Attack?
    /// The cheapest way away from the behaviour; nil if there is none.
    public var awayAttack: Attack?

    /// The score from curves of several numbers of heads, in both directions.
    ///
    /// - Parameter groups: the group of each item of the curves.
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
