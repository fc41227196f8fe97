import DataFiles
import Intervention
import Tasks
import TensorCore
import Tokenization
import Transformer

extension LoadedPlan {
    /// The plan with its strengths multiplied by the factor at which it spends a budget on neutral text.
    ///
    /// The strengths of `add`, `rotate`, `multiply` and `clamp` are multiplied; their proportions and signs stay. A
    /// `clamp` has some cost at any strength, so it may cost more than a small budget.
    ///
    /// - Throws: `InputError` if an edit has no such strength, if all strengths are 0, or if no factor spends the
    ///   budget; `CancellationError`.
    /// - Complexity: a few passes over the neutral texts from the first edited block on.
    public func spending(_ budget: KLBudget, on neutral: NeutralText) throws -> (
        plan: LoadedPlan, found: BudgetedStrength
    ) {
        let operations = EditOperation.withDose.union([.clamp])
        let configuration = neutral.model.configuration
        let largest = plan.edits.compactMap(\.effectiveStrength).map(abs).max() ?? 0
        guard !plan.edits.isEmpty, largest > 0 else {
            throw InputError.badData(
                "no strength that could be changed", in: name,
                remedy: "give its edits strengths, or leave the budget out")
        }
        let found = try EqualCost(neutral).strength(spending: budget) { factor in
            [try scaled(by: factor, operations: operations).edits(configuration)]
        }
        guard let found else {
            throw InputError.badData(
                "no strength that spends the budget of \(budget.text)", in: name,
                remedy: "give another budget; evaluate shows what the plan costs")
        }
        return (try scaled(by: found.factor, operations: operations), found)
    }
}

extension BudgetedStrength {
    /// The fields that a plan's record keeps.
    package var record: [String: String] {
        ["budget": budget.text, "budgetKL": "\(cost.mean)", "budgetWorstKL": "\(cost.worst)"]
    }
}

extension KLBudget {
    /// The budget as messages and records write it.
    package var text: String {
        [
            mean.map { "\($0) nats a token" }, worst.map { "\($0) nats over the worst twentieth of tokens" },
        ].compactMap(\.self).joined(separator: " and ")
    }
}
