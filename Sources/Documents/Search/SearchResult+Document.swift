import CausalSearch
import Foundation
import Reporting
import Transformer

extension SearchResult {
    /// What speaks against the heads that were chosen: a search always takes as many as it was asked for.
    public var warnings: [String] {
        var warnings: [String] = []
        let names: ([ScreenedHead]) -> String = { $0.map(\.head.description).joined(separator: ", ") }
        let weak = chosen.filter { $0.ciLow <= 0 }
        if !weak.isEmpty { warnings.append("no effect in the direction of the labels is certain at \(names(weak))") }
        let usual = chosen.filter { ($0.q ?? 0) > 0.05 }
        if !usual.isEmpty {
            warnings.append("random directions do about as much as the head's own at \(names(usual)) (q above 0.05)")
        }
        for (step, next) in zip(combination, combination.dropFirst())
        where next.replaced == nil && next.effect <= step.effect {
            warnings.append("the head \(next.added) adds nothing to those before it; fewer heads would do as much")
        }
        return warnings
    }

    /// The effects of all heads as a map, those that were chosen marked.
    public func heatMap(_ configuration: ModelConfiguration) -> HeatMap {
        let chosen = Set(heads.map(\.head))
        return HeatMap(
            screened, layers: configuration.layers, headsOfLayer: configuration.heads,
            quantity: "Change of the logit difference"
        ) { HeatMap.Cell($0.effect, isChosen: chosen.contains($0.head)) }
    }

    /// The best heads with what speaks for them; texts are counted as for the behaviour / against it / undefined.
    public func table(rows: Int = 16) -> TextTable {
        var table = TextTable([
            .init("head", .right), .init("effect", .right), .init("95% interval"), .init("excess", .right),
            .init("q", .right), .init("AUROC", .right), .init("direct", .right), .init("texts"),
            .init("raises"),
        ])
        let chosen = Set(heads.map(\.head))
        for head in screened.prefix(rows) {
            func number(_ format: String, _ value: Double?) -> String { value.map { String(format: format, $0) } ?? "" }
            let checked = checked.first { $0.head == head.head }
            let raised = tokens.first { $0.head == head.head }?.raised.prefix(3) ?? []
            table.add([
                (chosen.contains(head.head) ? "● " : "") + "\(head.head)", String(format: "%+.2f", head.effect),
                String(format: "%+.2f … %+.2f", head.ciLow, head.ciHigh), number("%.1f", head.excess),
                number("%.3f", head.q), number("%.2f", head.auroc), number("%+.2f", head.directCosine),
                checked.map { "\($0.outcomes.target)/\($0.outcomes.other)/\($0.outcomes.undefined)" } ?? "",
                raised.map { TextWrapping.printable($0.piece).trimmingCharacters(in: .whitespaces) }
                    .joined(separator: " "),
            ])
        }
        return table
    }

    /// The strengths that were tried.
    public var trialTable: TextTable {
        var table = TextTable([
            .init("strength", .right), .init("effect +", .right), .init("effect −", .right), .init("KL", .right),
            .init("surprise", .right), .init("distinct-2", .right), .init("undefined", .right), .init(""),
        ])
        func row(_ name: String, _ trial: StrengthTrial, _ remark: String) -> [String] {
            [
                name, String(format: "%+.2f", trial.positiveEffect), String(format: "%+.2f", trial.negativeEffect),
                String(format: "%.3f", min(trial.neutralKL, 999)), String(format: "%+.2f", trial.surprise),
                String(format: "%.2f", trial.distinctRatio),
                trial.moreUndefined.map { String(format: "%+.0f%%", $0 * 100) } ?? "", remark,
            ]
        }
        for trial in trials.sorted(by: { $0.strength < $1.strength }) {
            let isTaken = trial.strength == strength && tuned == nil
            table.add(
                row(
                    NumberText.short(trial.strength) + " σ", trial,
                    isTaken ? "● taken" : trial.isWithinBudget ? "" : "beyond the budget"))
        }
        if let tuned { table.add(row("own σ", tuned, "● taken")) }
        return table
    }
}
