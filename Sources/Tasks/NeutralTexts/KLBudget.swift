import DataFiles

/// The cost of edits on neutral text: KL(unedited ‖ edited) of the next token, in nats a token.
public struct KLCost: Sendable, Codable, Equatable {
    /// The mean over all tokens.
    public var mean: Double
    /// The mean over the twentieth of the tokens where the KL is largest.
    public var worst: Double

    /// Makes a cost.
    public init(mean: Double, worst: Double) {
        self.mean = mean
        self.worst = worst
    }

    /// The cost of edits that make logits NaN or infinite: the largest finite number, because JSON has no infinity.
    public static let ofNoFiniteLogits = KLCost(
        mean: .greatestFiniteMagnitude, worst: .greatestFiniteMagnitude)

    /// Whether the edits leave finite logits.
    public var isFinite: Bool { max(mean, worst) < .greatestFiniteMagnitude }
}

/// The cost that an edit should have on neutral text, which determines its strength.
///
/// Edits with the same cost can be compared, whatever their operations and units are.
public struct KLBudget: Sendable, Codable, Equatable {
    /// The mean over all tokens, in nats a token; nil for no limit.
    public var mean: Double?
    /// The mean over the twentieth of the tokens where the KL is largest, in nats a token; nil for no limit.
    public var worst: Double?

    /// Makes a budget; with two limits, the one that is reached first counts.
    ///
    /// - Precondition: at least one limit is given, and each limit is finite and above 0.
    public init(mean: Double? = nil, worst: Double? = nil) {
        let limits = [mean, worst].compactMap(\.self)
        precondition(
            !limits.isEmpty && limits.allSatisfy { $0 > 0 && $0.isFinite }, "A budget is a number above 0.")
        self.mean = mean
        self.worst = worst
    }

    /// The share of the budget that a cost uses; above 1, the cost exceeds the budget.
    public func share(of cost: KLCost) -> Double {
        [mean.map { cost.mean / $0 }, worst.map { cost.worst / $0 }].compactMap(\.self).max() ?? 0
    }
}

/// A strength that was found from its cost.
public struct BudgetedStrength: Sendable, Codable, Equatable {
    /// The budget that the strength should spend.
    public var budget: KLBudget
    /// The factor that strengths were multiplied by.
    public var factor: Double
    /// The cost at that factor; with several variants, the largest.
    public var cost: KLCost
    /// The number of factors that were tried.
    public var trials: Int
}
