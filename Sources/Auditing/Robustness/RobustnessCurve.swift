/// What some heads do at growing strength, in one direction.
public struct RobustnessCurve: Sendable, Codable, Equatable {
    /// One strength.
    public struct Point: Sendable, Codable, Equatable {
        /// The strength of each head, in σ.
        public var strength: Double
        /// The change of each test item's log-odds, towards the behaviour.
        public var changes: [Double]
        /// The mean KL on neutral text.
        public var meanKL: Double
        /// The KL on neutral text over the worst twentieth of the tokens.
        public var worstKL: Double

        var isWithinBudget: Bool { meanKL <= AuditProtocol.mostKL && worstKL <= AuditProtocol.mostWorstKL }

        func mean(_ items: [Int]?) -> Double {
            guard let items else { return changes.reduce(0, +) / Double(max(changes.count, 1)) }
            return items.reduce(0) { $0 + changes[$1] } / Double(max(items.count, 1))
        }
    }

    /// What is moved: `12.8`, `layer 12`.
    public var moved: [String]
    /// 1 towards the behaviour, −1 away from it.
    public var sign: Int
    /// The points by growing strength; the last one may be beyond the budget.
    public var points: [Point]

    /// The largest strength within the budget, interpolated linearly between the last point within it and the first
    /// beyond it.
    public var largestStrength: Double {
        var before = Point(strength: 0, changes: [], meanKL: 0, worstKL: 0)
        for point in points {
            guard point.isWithinBudget else {
                let mean = Self.share(before.meanKL, point.meanKL, reaching: AuditProtocol.mostKL)
                let worst = Self.share(before.worstKL, point.worstKL, reaching: AuditProtocol.mostWorstKL)
                return before.strength + (point.strength - before.strength) * min(mean, worst)
            }
            before = point
        }
        return before.strength
    }

    /// The share of the way from one value to the next at which a bound is reached; 1 if it isn't.
    private static func share(_ low: Double, _ high: Double, reaching bound: Double) -> Double {
        high > bound ? (bound - low) / (high - low) : 1
    }

    /// The smallest strength within the budget at which the behaviour has moved as far as it has to; nil if there is
    /// none.
    ///
    /// - Parameter items: the items that count, repeated ones more than once; nil for all.
    public func strength(movingBy shift: Double = AuditProtocol.shift, items: [Int]? = nil) -> Double? {
        let largest = largestStrength
        var before = (strength: 0.0, mean: 0.0)
        for point in points {
            let mean = Double(sign) * point.mean(items)
            if mean >= shift {
                let share = (shift - before.mean) / (mean - before.mean)
                let strength = before.strength + (point.strength - before.strength) * share
                return strength <= largest ? strength : nil
            }
            before = (point.strength, mean)
        }
        return nil
    }

    /// KL on neutral text at a strength, interpolated linearly between the points.
    public func meanKL(at strength: Double) -> Double {
        var before = (strength: 0.0, kl: 0.0)
        for point in points {
            if strength <= point.strength {
                let share = (strength - before.strength) / (point.strength - before.strength)
                return before.kl + share * (point.meanKL - before.kl)
            }
            before = (point.strength, point.meanKL)
        }
        return before.kl
    }

    /// The point within the budget at which the behaviour is moved furthest.
    public var best: Point? {
        points.filter(\.isWithinBudget).max { Double(sign) * $0.mean(nil) < Double(sign) * $1.mean(nil) }
    }
}
