import CausalSearch
import DataFiles
import Documents
import Foundation
import Tasks
import Transformer

/// What `search --json` says.
struct SearchOutput: Encodable {
    struct Found: Encodable {
        /// The mean change of the logit difference at +strength of the screen.
        var effect: Double
        var ciLow, ciHigh: Double
        var strength: Double
        var screen: ScreenedHead
    }

    var heads: [HeadResult<Found>]
    var strength: Double
    var unit = "sigma"
    var contrastSource: ContrastSource
    var isWithinBudget: Bool
    var trials: [StrengthTrial]
    var tuned: StrengthTrial?
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
                    effect: head.effect, ciLow: head.ciLow, ciHigh: head.ciHigh, strength: strength, screen: head))
        }
        strength = result.strength
        contrastSource = result.contrastSource
        isWithinBudget = result.isWithinBudget
        trials = result.trials
        tuned = result.tuned
        checked = result.checked
        combination = result.combination
        plan = base + "plan.json"
        directions = base + "directions.safetensors"
        report = base + "report.json"
        seconds = result.seconds
    }
}

extension SearchResult {
    func text(_ output: SearchOutput, _ opened: OpenedModel, _ console: Console) -> String {
        let style = console.style
        let total = seconds.reduce(0) { $0 + $1.seconds }
        let stages = seconds.map { String(format: "%@ %.1f", $0.stage, $0.seconds) }.joined(separator: ", ")
        return """
            \(heatMap(opened.configuration).rendered(style))

            \(table().rendered(console.tableStyle))

            \(trialTable.rendered(console.tableStyle))

            heads     \(heads.map(\.name).joined(separator: ", "))
            strength  \(strengths.map { NumberText.short($0) }.joined(separator: ", ")) σ
            plan      \(output.plan)
            seconds   \(String(format: "%.1f", total)) (\(stages))

            Try: headsteer generate \(opened.path) --prompt "My day at work was" --plan \(output.plan)
            """
    }
}
