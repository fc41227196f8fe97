import DataFiles
import Foundation
import Transformer

/// Finds how strong edits must be to have a wanted cost on neutral text.
///
/// Of two edits with the same cost, the one that does more is better. Comparing them at the same α or the same length
/// only compares their units.
public struct EqualCost {
    /// The allowed difference from the wanted cost, as a share of it.
    public static let tolerance = 0.03
    private static let steps = 20

    private let neutral: NeutralText

    /// Makes a search whose costs are measured on some neutral texts.
    public init(_ neutral: NeutralText) { self.neutral = neutral }

    /// KL(unedited ‖ edited) on the neutral texts, in nats a token; infinite if the edits leave no finite logits.
    public func cost(_ edits: [Edit]) throws -> Double { try measure(edits).mean }

    /// The mean cost and the cost on the worst tokens, in nats a token; infinite if the edits leave no finite logits.
    public func measure(_ edits: [Edit]) throws -> KLCost {
        let cost = try neutral.cost(edits: edits)
        return cost.isFinite ? cost : KLCost(mean: .infinity, worst: .infinity)
    }

    /// Finds the factor at which edits have a wanted mean cost, up to ``tolerance``.
    ///
    /// - Parameters:
    ///   - cost: the wanted cost, in nats a token, above 0.
    ///   - start: a first guess of the factor.
    ///   - edits: the edits at a factor above 0.
    /// - Returns: nil if no factor is found, because the edits cost nothing, or because their cost stops growing before
    ///   the wanted cost or jumps past it.
    /// - Throws: what `edits` throws; `CancellationError`.
    /// - Precondition: `cost` and `start` are above 0.
    public func factor(
        costing cost: Double, from start: Double = 1, _ edits: (Double) throws -> [Edit]
    ) throws -> (factor: Double, cost: Double)? {
        try find(KLBudget(mean: cost), shares: 1 - Self.tolerance...1 + Self.tolerance, from: start) { [try edits($0)] }
            .map { ($0.factor, $0.cost.mean) }
    }

    /// Finds the factor at which edits spend a budget: at least 1 − ``tolerance`` of it, and not more than all of it.
    ///
    /// - Parameters:
    ///   - start: a first guess of the factor.
    ///   - variants: the edits at a factor above 0: one variant, or several, such as both signs, of which the most
    ///     expensive one counts.
    /// - Returns: nil if no factor is found, because the edits cost nothing, or because their cost stops growing before
    ///   the budget or jumps past it.
    /// - Throws: what `variants` throws; `CancellationError`.
    /// - Precondition: `start` is above 0.
    public func strength(
        spending budget: KLBudget, from start: Double = 1, _ variants: (Double) throws -> [[Edit]]
    ) throws -> BudgetedStrength? {
        try find(budget, shares: 1 - Self.tolerance...1, from: start, variants)
    }

    /// Finds a factor whose share of the budget is in a range.
    ///
    /// On logarithmic scales, the cost is nearly a straight line of the factor. The next factor lies on the line
    /// through two earlier trials: those that enclose the budget, or the last two if none do yet. After the first
    /// trial, the cost is assumed to grow with the square of the factor. If two factors cost the same, as with
    /// rotations by more than 180 degrees, a third one would too, and the search ends.
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
                // If the cost has a step, a line along it approaches from one side only, so every third time the middle
                // is taken.
                factor = low.between(high, share: aim, halves: step % 3 == 0)
            } else {
                factor *= trial.growth(to: aim, exponent: last.flatMap(trial.exponent) ?? 2)
            }
            last = trial
        }
        return nil
    }

    /// A factor that was tried, and the share of the budget that it spends.
    private struct Trial {
        var factor: Double
        var share: Double

        /// The power of the factor with which the cost grows between two trials; nil if the trials don't determine it.
        func exponent(from other: Trial) -> Double? {
            guard share > 0, other.share > 0, share.isFinite, other.share.isFinite, factor != other.factor else {
                return nil
            }
            let power = log(share / other.share) / log(factor / other.factor)
            return power.isFinite ? min(max(power, 0.5), 4) : nil
        }

        /// The factor's multiplier for reaching a share, between a quarter and four.
        func growth(to aim: Double, exponent: Double) -> Double {
            guard share > 0, share.isFinite else { return share > 0 ? 0.25 : 4 }
            let growth = pow(aim / share, 1 / exponent)
            return share < aim ? min(max(growth, 1.1), 4) : max(min(growth, 0.9), 0.25)
        }

        /// The factor between this trial and a more expensive one, on the line through both, but not too close to
        /// either.
        func between(_ high: Trial, share aim: Double, halves: Bool) -> Double {
            var part = 0.5
            if !halves, share > 0, high.share.isFinite {
                part = min(max(log(aim / share) / log(high.share / share), 0.05), 0.95)
            }
            return factor * pow(high.factor / factor, part)
        }
    }
}
