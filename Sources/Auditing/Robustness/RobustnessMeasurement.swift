import Directions
import Tasks
import Transformer

/// Measures curves on test items and neutral text.
struct RobustnessMeasurement {
    let items: ItemScorer
    let neutral: NeutralText
    let base: [Double]

    init(items: ItemScorer, neutral: NeutralText) throws {
        self.items = items
        self.neutral = neutral
        base = try items.values([]).differences
    }

    /// The change of each item's log-odds.
    func changes(_ edits: [Edit]) throws -> [Double] {
        zip(try items.values(edits).differences, base).map { $0 - $1 }
    }

    /// Measures growing strengths until the cost is beyond the budget, or the behaviour has moved several times as far
    /// as it has to.
    ///
    /// - Parameter edits: gives the edits of a strength, which is negative for the other direction.
    func curve(
        _ moved: [String], sign: Int, strengths: [Double], onPoint: () -> Void = {}, edits: (Double) -> [Edit]
    ) throws -> RobustnessCurve {
        var curve = RobustnessCurve(moved: moved, sign: sign, points: [])
        for strength in strengths {
            let edits = edits(Double(sign) * strength)
            let cost = try neutral.cost(edits: edits)
            guard cost.isFinite else {
                curve.points.append(
                    .init(
                        strength: strength, changes: base.map { _ in 0 }, meanKL: cost.mean, worstKL: cost.worst))
                break
            }
            let point = RobustnessCurve.Point(
                strength: strength, changes: try changes(edits), meanKL: cost.mean, worstKL: cost.worst)
            curve.points.append(point)
            onPoint()
            let mean = Double(sign) * point.mean(nil)
            if !point.isWithinBudget || mean >= AuditProtocol.farEnough * AuditProtocol.shift { break }
        }
        return curve
    }

    /// The smallest strength that moves the behaviour as far as it has to, and its cost on neutral text; nil if there
    /// is none or it is beyond the budget.
    ///
    /// Effects are interpolated linearly between the strengths; the cost is measured at the strength itself.
    func least(
        sign: Int, strengths: [Double], edits: (Double) -> [Edit]
    ) throws -> (strength: Double, meanKL: Double)? {
        var before = (strength: 0.0, mean: 0.0)
        for strength in strengths {
            let changes = try changes(edits(Double(sign) * strength))
            let mean = Double(sign) * changes.reduce(0, +) / Double(max(changes.count, 1))
            if mean >= AuditProtocol.shift {
                let share = (AuditProtocol.shift - before.mean) / (mean - before.mean)
                let crossing = before.strength + (strength - before.strength) * share
                let cost = try neutral.cost(edits: edits(Double(sign) * crossing))
                let isWithin = cost.mean <= AuditProtocol.mostKL && cost.worst <= AuditProtocol.mostWorstKL
                return isWithin ? (crossing, cost.mean) : nil
            }
            before = (strength, mean)
        }
        return nil
    }

    /// The curves of the first 1, 2, 4, … heads of a ranking, in both directions.
    func curves(
        _ ranking: [HeadDirection], onProgress: (_ done: Int, _ of: Int) -> Void = { _, _ in }
    ) throws -> [RobustnessCurve] {
        let moved = Self.moved(ranking)
        let each = AuditProtocol.strengths.count
        var curves: [RobustnessCurve] = []
        for (heads, sign) in moved {
            let done = curves.count * each
            var points = 0
            curves.append(
                try curve(
                    heads.map(\.name), sign: sign, strengths: AuditProtocol.strengths,
                    onPoint: {
                        points += 1
                        onProgress(done + points, moved.count * each)
                    }
                ) { strength in heads.map { $0.edit(sigmas: strength) } })
        }
        return curves
    }

    /// Whether curves can be those of a ranking on these items; what was read from a file may not be.
    func fit(_ curves: [RobustnessCurve], of ranking: [HeadDirection]) -> Bool {
        curves.elementsEqual(Self.moved(ranking)) { curve, moved in
            curve.moved == moved.heads.map(\.name) && curve.sign == moved.sign
                && AuditProtocol.strengths.starts(with: curve.points.map(\.strength))
                && curve.points.allSatisfy { $0.changes.count == base.count && $0.mean(nil).isFinite }
        }
    }

    /// What the curves of a ranking move: its first 1, 2, 4, … heads, in both directions.
    private static func moved(_ ranking: [HeadDirection]) -> [(heads: ArraySlice<HeadDirection>, sign: Int)] {
        AuditProtocol.headCounts.filter { $0 <= ranking.count }.flatMap { count in
            [1, -1].map { (ranking.prefix(count), $0) }
        }
    }
}
