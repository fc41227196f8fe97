import CausalSearch
import Foundation
import Reporting
import Statistics
import Transformer

extension SearchResult {
    /// A map of the effects of all heads, with the chosen heads marked.
    public func heatMap(_ configuration: ModelConfiguration) -> HeatMap {
        let chosen = Set(heads.map(\.head))
        return HeatMap(
            screened, layers: configuration.layers, headsOfLayer: configuration.heads,
            quantity: "Change of the logit difference"
        ) { HeatMap.Cell($0.effect, isChosen: chosen.contains($0.head)) }
    }

    /// The best heads with the evidence for them; texts are counted as for the behaviour / against it / undefined.
    public func table(rows: Int = 16) -> TextTable {
        var table = TextTable([
            .init("head", .right), .init("effect", .right), .init("95% interval"), .init("excess", .right),
            .init("q", .right), .init("AUROC", .right), .init("direct", .right),
            .init("texts: for, against, undefined"),
            .init("raises"),
        ])
        let chosen = Set(heads.map(\.head))
        for head in screened.prefix(rows) {
            func number(_ format: String, _ value: Double?) -> String {
                value.map { NumberText.format(format, $0) } ?? ""
            }
            let checked = checked.first { $0.head == head.head }
            let raised = tokens.first { $0.head == head.head }?.raised.prefix(3) ?? []
            table.add([
                (chosen.contains(head.head) ? "● " : "") + "\(head.head)", NumberText.format("%+.2f", head.effect),
                MeanWithInterval.text(head.ciLow, head.ciHigh, items: unedited.count, NumberText.signed),
                number("%.1f", head.excess),
                number("%.3f", head.q), number("%.2f", head.auroc), number("%+.2f", head.directCosine),
                checked.map(Self.outcomes) ?? "",
                raised.map { TextWrapping.printable($0.piece).trimmingCharacters(in: .whitespaces) }
                    .joined(separator: " "),
            ])
        }
        return table.withoutEmptyColumns()
    }

    /// `3/1/8`, or a note that the texts decided nothing because nearly all are undefined.
    private static func outcomes(_ checked: CheckedHead) -> String {
        guard checked.decides else { return "undecided" }
        return "\(checked.outcomes.target)/\(checked.outcomes.other)/\(checked.outcomes.undefined)"
    }

    /// The strengths that were tried.
    public var trialTable: TextTable {
        var table = TextTable([
            .init("strength", .right), .init("effect +", .right), .init("effect −", .right), .init("KL", .right),
            .init("surprise", .right), .init("distinct-2", .right), .init("undefined", .right), .init(""),
        ])
        func row(_ name: String, _ trial: StrengthTrial, _ remark: String) -> [String] {
            [
                name, NumberText.format("%+.2f", trial.positiveEffect),
                NumberText.format("%+.2f", trial.negativeEffect),
                NumberText.format("%.3f", min(trial.neutralKL, 999)), NumberText.format("%+.2f", trial.surprise),
                NumberText.format("%.2f", trial.distinctRatio),
                trial.moreUndefined.map { NumberText.format("%+.0f%%", $0 * 100) } ?? "", remark,
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
        return table.withoutEmptyColumns()
    }
}
