import CausalSearch
import DataFiles
import Evaluation
import Tasks
import Tokenization

/// The output of `evaluate --json`: the report's fields and more.
struct EvaluationOutput: Encodable {
    var report: EvaluationReport
    var doses: DoseResponse?
    /// Nil in the file, so that it has the same bytes in every run.
    var seconds: [StageSeconds]?
    /// The prompts of the texts.
    var prompts: [String]
    /// The date and variables of the chat template; nil if questions didn't go through it.
    var template: ChatTemplateSettings?
    /// Reasons to doubt the figures.
    var warnings: [String]
    /// The rows that the plan was made from; nil if none are known.
    var sharedWithPlan: LeakCheck?
    /// How the plan's strength was found; nil if the plan has its own.
    var budget: BudgetedStrength?

    private enum Key: String, CodingKey { case doses, seconds, prompts, warnings, sharedWithPlan, budget }

    func encode(to encoder: any Encoder) throws {
        try report.encode(to: encoder)
        var container = encoder.container(keyedBy: Key.self)
        try container.encodeIfPresent(doses, forKey: .doses)
        try container.encodeIfPresent(seconds, forKey: .seconds)
        try container.encode(prompts, forKey: .prompts)
        try container.encode(warnings, forKey: .warnings)
        try container.encodeIfPresent(sharedWithPlan, forKey: .sharedWithPlan)
        try container.encodeIfPresent(budget, forKey: .budget)
        try template?.encode(to: encoder)
    }
}
