import DataFiles
import Foundation
import Transformer

/// Finds how strong edits must be to cost as much as wanted on neutral text.
///
/// Of two edits the one that does more at the same cost is better; comparing them at the same α, or the same length,
/// compares their units.
public struct EqualCost {
    /// Costs may differ by this share of what is wanted.
    public static let tolerance = 0.03
    private static let steps = 20

    private let neutral: NeutralText

    /// Costs on those texts.
    public init(_ neutral: NeutralText) { self.neutral = neutral }

    /// KL(unedited ‖ edited) on the neutral texts, in nats a token; infinite where the edits leave no finite logits.
    public func cost(_ edits: [Edit]) throws -> Double { try measure(edits).mean }

    /// The same with that of the worst tokens.
    public func measure(_ edits: [Edit]) throws -> KLCost {
        do {
            return try neutral.cost(edits: edits)
        } catch let error as InputError where error.kind == .notFinite {
            return KLCost(mean: .infinity, worst: .infinity)
        }
    }

    /// The factor at which edits cost as much as wanted on average, up to ``tolerance``.
    ///
    /// - Parameters:
    ///   - cost: in nats a token, above 0.
    ///   - start: a first guess.
    ///   - edits: the edits at a factor above 0.
    /// - Returns: nil if no factor is found: edits that cost nothing, whose cost stops growing before, or jumps past what is wanted.
    /// - Throws: what `edits` throws; `CancellationError`.
    /// - Precondition: a cost and a first factor are positive.
    public func factor(
        costing cost: Double, from start: Double = 1, _ edits: (Double) throws -> [Edit]
    ) throws -> (factor: Double, cost: Double)? {
        try find(KLBudget(mean: cost), shares: 1 - Self.tolerance...1 + Self.tolerance, from: start) { [try edits($0)] }
            .map { ($0.factor, $0.cost.mean) }
    }

    /// The factor at which edits spend a budget: at least 1 − ``tolerance`` of it, and no more than all.
    ///
    /// - Parameters:
    ///   - start: a first guess.
    ///   - variants: the edits at a factor above 0: one variant, or several, such as both signs, of which the dearest counts.
    /// - Returns: nil if no factor is found: edits that cost nothing, whose cost stops growing before, or jumps past the budget.
    /// - Throws: what `variants` throws; `CancellationError`.
    /// - Precondition: a first factor is positive.
    public func strength(
        spending budget: KLBudget, from start: Double = 1, _ variants: (Double) throws -> [[Edit]]
    ) throws -> BudgetedStrength? {
        try find(budget, shares: 1 - Self.tolerance...1, from: start, variants)
    }

    /// On a logarithmic scale the cost is nearly a straight line of the factor. The next factor lies on the line through two that were tried:
    /// those that enclose the budget, or before there are such the last two; after the first one the cost is taken to grow with its square.
    /// Where two factors cost the same, as rotations by more than 180 degrees do, a third one would too.
    private func find(
        _ budget: KLBudget, shares: ClosedRange<Double>, from start: Double, _ variants: (Double) throws -> [[Edit]]
    ) throws -> BudgetedStrength? {
        precondition(start > 0 && start.isFinite, "A first factor is positive.")
        let aim = (shares.lowerBound * shares.upperBound).squareRoot()
        var (low, high, last): (Trial?, Trial?, Trial?) = (nil, nil, nil)
        var factor = start
        for step in 1...Self.steps {
            let costs = try variants(factor).map(measure)
            let cost = KLCost(mean: costs.map(\.mean).max() ?? 0, worst: costs.map(\.worst).max() ?? 0)
            let trial = Trial(factor: factor, share: budget.share(of: cost))
            if shares.contains(trial.share) {
                return BudgetedStrength(budget: budget, factor: factor, cost: cost, trials: step)
            }
            if trial.share < aim { low = trial } else { high = trial }
            if low == nil || high == nil, let last, last.share == trial.share, trial.share > 0, trial.share.isFinite {
                return nil
            }
            if let low, let high {
                // A line that runs along a step of the cost comes closer from one side alone: every third time the middle is taken.
                factor = low.between(high, share: aim, halves: step % 3 == 0)
            } else {
                factor *= trial.growth(to: aim, exponent: last.flatMap(trial.exponent) ?? 2)
            }
            last = trial
        }
        return nil
    }

    /// A factor that was tried, and how much of the budget it spends.
    private struct Trial {
        var factor: Double
        var share: Double

        /// The power of the factor with which the cost grows between two trials; nil where they don't tell.
        func exponent(from other: Trial) -> Double? {
            guard share > 0, other.share > 0, share.isFinite, other.share.isFinite, factor != other.factor else {
                return nil
            }
            let power = log(share / other.share) / log(factor / other.factor)
            return power.isFinite ? min(max(power, 0.5), 4) : nil
        }

        /// What the factor is multiplied by to come to a share: between a quarter and four.
        func growth(to aim: Double, exponent: Double) -> Double {
            guard share > 0, share.isFinite else { return share > 0 ? 0.25 : 4 }
            let growth = pow(aim / share, 1 / exponent)
            return share < aim ? min(max(growth, 1.1), 4) : max(min(growth, 0.9), 0.25)
        }

        /// The factor between this trial and a dearer one, on the line through both, and not next to either.
        func between(_ high: Trial, share aim: Double, halves: Bool) -> Double {
            var part = 0.5
            if !halves, share > 0, high.share.isFinite {
                part = min(max(log(aim / share) / log(high.share / share), 0.05), 0.95)
            }
            return factor * pow(high.factor / factor, part)
        }
    }
}
