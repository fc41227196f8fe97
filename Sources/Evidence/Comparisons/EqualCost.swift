import DataFiles
import Foundation
import Tasks
import Transformer

/// Makes edits comparable: how strong must one be to cost as much as another on neutral text?
///
/// Of two edits the one that does more at the same cost is better; comparing them at the same α, or the same length,
/// compares their units.
public struct EqualCost {
    /// KL on neutral text may differ by this share of what is wanted.
    public static let tolerance = 0.03
    private static let steps = 14

    private let neutral: NeutralText

    /// Costs on those texts.
    public init(_ neutral: NeutralText) { self.neutral = neutral }

    /// KL(unedited ‖ edited) on the neutral texts, in nats a token; infinite where the edits leave no finite logits.
    public func cost(_ edits: [Edit]) throws -> Double {
        do {
            return try neutral.measure(edits: edits).kl.mean
        } catch is InputError {
            return .infinity
        }
    }

    /// The factor at which edits cost as much as wanted.
    ///
    /// The cost is taken to grow with the factor, about with its square; brackets are doubled and then closed in on a
    /// logarithmic scale.
    ///
    /// - Parameters:
    ///   - cost: in nats a token, above 0.
    ///   - start: a first guess.
    ///   - edits: the edits at a factor above 0.
    /// - Returns: nil if no factor is found within 14 steps: edits that cost nothing, or jump past what is wanted.
    /// - Precondition: a cost and a first factor are positive.
    public func factor(
        costing cost: Double, from start: Double = 1, _ edits: (Double) throws -> [Edit]
    ) throws -> (factor: Double, cost: Double)? {
        precondition(cost > 0 && start > 0, "A cost and a first factor are positive.")
        var (low, high): (Double?, Double?) = (nil, nil)
        var factor = start
        for _ in 0..<Self.steps {
            let found = try self.cost(edits(factor))
            if abs(found - cost) <= Self.tolerance * cost { return (factor, found) }
            if found < cost { low = factor } else { high = factor }
            switch (low, high) {
            case (let low?, let high?):
                factor = (low * high).squareRoot()
            case (_?, nil):
                // The square law tells how far it is; never more than four times at once.
                factor *= found > 0 ? min(max((cost / found).squareRoot(), 1.1), 4) : 4
            default:
                factor *= found.isFinite ? max(min((cost / found).squareRoot(), 0.9), 0.25) : 0.25
            }
        }
        return nil
    }
}
