import CausalSearch
import DataFiles
import Documents
import Foundation
import Reporting
import Tasks
import Transformer

/// The output of `search --json`.
struct SearchOutput: Encodable {
    struct Found: Encodable {
        /// The head's effect in the screen.
        var effect: EffectOutput
        var strength: Double
        var screen: ScreenedHead

        private enum CodingKeys: String, CodingKey { case strength, screen }

        func encode(to encoder: any Encoder) throws {
            try effect.encode(to: encoder)
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(strength, forKey: .strength)
            try container.encode(screen, forKey: .screen)
        }
    }

    var heads: [HeadResult<Found>]
    var strength: Double
    var unit = "sigma"
    var contrastSource: ContrastSource
    var isWithinBudget: Bool
    /// Reasons to doubt the heads and what they rest on.
    var warnings: [String]
    var trials: [StrengthTrial]
    var tuned: StrengthTrial?
    /// How the strength that spends a budget was found; nil without a budget.
    var budget: BudgetedStrength?
    var checked: [CheckedHead]
    var combination: [CombinationStep]
    var plan, directions, report: String
    var seconds: [StageSeconds]

    init(_ result: SearchResult, folder: String) {
        let base = folder.hasSuffix("/") ? folder : folder + "/"
        heads = zip(result.chosen, result.strengths).map { head, strength in
            HeadResult(
                head.head,
                Found(
                    effect: EffectOutput(effect: head.effect, ciLow: head.ciLow, ciHigh: head.ciHigh),
                    strength: strength, screen: head))
        }
        strength = result.strength
        contrastSource = result.contrastSource
        isWithinBudget = result.isWithinBudget
        warnings = result.warnings
        trials = result.trials
        tuned = result.tuned
        budget = result.spent
        checked = result.checked
        combination = result.combination
        plan = base + "plan.json"
        directions = base + "directions.safetensors"
        report = base + "report.json"
        seconds = result.seconds
    }
}

extension SearchResult {
    func text(_ output: SearchOutput, _ opened: OpenedModel, _ console: Console, rows: Int) -> String {
        let style = console.style
        let total = seconds.reduce(0) { $0 + $1.seconds }
        let stages = seconds.map { NumberText.format("%@ %.1f", $0.stage, $0.seconds) }.joined(separator: ", ")
        let time = NumberText.format("%.1f", total) + " (\(stages))"
        let named = [
            ("heads", heads.map(\.name).joined(separator: ", ")),
            ("strength", strengths.map { NumberText.short($0) }.joined(separator: ", ") + " σ"), ("seconds", time),
        ].map { name, text in
            let lines = TextWrapping.wrap(text, width: max(console.proseWidth - 10, 10))
            return name.padding(toLength: 10, withPad: " ", startingAt: 0)
                + lines.joined(separator: "\n" + String(repeating: " ", count: 10))
        }
        return [
            heatMap(opened.configuration).rendered(style), table(rows: rows).rendered(console.tableStyle),
            trialTable.rendered(console.tableStyle), named.joined(separator: "\n"),
        ].joined(separator: "\n\n")
    }
}
