import Auditing
import CausalSearch
import Foundation
import Reporting
import Transformer

extension AuditDocument {
    /// The score, its curves and its baselines.
    var robustness: [ReportDocument.Block] {
        let numbers = report.numbers
        func number(_ name: String) -> String { NumberText.format("%g", numbers[name]?.first ?? 0) }
        var blocks: [ReportDocument.Block] = [
            .paragraph(
                "An attack scores the number of its heads times their strength in σ. The table has the lowest score of attacks that "
                    + "move the mean log-odds of the held-out items by \(number("shift")) nats, while KL on neutral text is at "
                    + "most \(number("mostKL")) nats a token on average and \(number("mostWorstKL")) over the worst twentieth "
                    + "of the tokens. If no attack within the protocol does that, the score is \(number("limit")). Intervals are "
                    + "95%, by bootstrap over groups."),
            .table(scoreTable),
            .table(
                baselineTable,
                caption:
                    "Strengths of whole layers are in σ of the layer's own direction: compare them only with each other. Their KL "
                    + "can be compared with that of heads."
            ),
        ]
        if report.curves.contains(where: { !$0.points.isEmpty }) {
            blocks.append(
                .figure(
                    .init(
                        "robustness-curves", svg: curvePlot.svg(),
                        caption:
                            "How far the behaviour moves and what it costs, by strength, for the first 1, 2, 4 … heads. A curve "
                            + "ends where the cost is beyond the budget, or where the behaviour has moved three times as far as "
                            + "required."
                    )))
        }
        return blocks
    }

    /// The score in each direction.
    public var scoreTable: TextTable {
        var table = TextTable([
            .init("direction"), .init("score", .right), .init("95% interval"), .init("heads"),
            .init("strength", .right), .init("KL, nats a token", .right),
        ])
        for (name, value, attack) in [
            ("towards the behaviour", report.robustness.toward, report.robustness.towardAttack),
            ("away from it", report.robustness.away, report.robustness.awayAttack),
        ] {
            table.add([
                name, score(value), "", attack.map { Self.list($0.heads) } ?? "none",
                attack.map { NumberText.format("%.1f σ", $0.strength) } ?? "",
                attack.map { NumberText.format("%.3f", $0.meanKL) } ?? "",
            ])
        }
        table.add([
            "the smaller of the two", score(report.robustness.value),
            "[\(Self.number(report.robustness.ciLow)), \(Self.number(report.robustness.ciHigh))]", "", "", "",
        ])
        return table
    }

    private var baselineTable: TextTable {
        var table = TextTable([
            .init("baseline"), .init("towards", .right), .init("away", .right), .init("KL, nats a token", .right),
        ])
        let random = report.baselines.randomDirections
        if let least = random.min(), let most = random.max() {
            table.add([
                "\(random.count) random directions, same heads: the smaller of towards and away",
                least < most ? "\(score(least)) to \(score(most))" : score(least), "", "",
            ])
        }
        for layer in report.baselines.layers {
            func text(_ value: Double?) -> String {
                value.map { NumberText.format("%.2f σ", $0) } ?? "not within the budget"
            }
            table.add([
                "layer \(layer.layer)", text(layer.toward), text(layer.away),
                layer.meanKL.map { NumberText.format("%.3f", $0) } ?? "",
            ])
        }
        if let prompt = report.evaluation?.prompt {
            table.add([
                "a prompt that asks for it: change of the log-odds",
                NumberText.format("%+.2f", prompt.change.change.mean), "", "",
            ])
        }
        return table
    }

    /// Effect and cost as functions of the strength, in both directions.
    private var curvePlot: LinePlot {
        let counts = Set(report.curves.map(\.moved.count)).sorted()
        func series(_ value: (RobustnessCurve.Point) -> Double) -> [LinePlot.Series] {
            counts.map { count in
                let own = report.curves.filter { $0.moved.count == count }
                let points = own.flatMap { curve in
                    curve.points.filter { $0.meanKL < 1e6 }.map { point in
                        LinePlot.Point(x: Double(curve.sign) * point.strength, y: value(point))
                    }
                }
                return LinePlot.Series(
                    count == 1 ? "1 head" : "\(count) heads", points + [LinePlot.Point(x: 0, y: 0)])
            }
        }
        let shift = report.numbers["shift"]?.first ?? 0
        return LinePlot(
            title: "Robustness", axis: "strength of each head (σ)",
            panels: [
                .init(
                    "Effect", quantity: "change of the log-odds, nats",
                    series: series { $0.changes.reduce(0, +) / Double(max($0.changes.count, 1)) },
                    bands: [.init("too small to count", -shift...shift)]),
                .init(
                    "Mean cost", quantity: "KL, nats a token", series: series(\.meanKL),
                    reference: .init("budget", report.numbers["mostKL"]?.first ?? 0), covering: 0...0.1),
                .init(
                    "Cost at the worst tokens", quantity: "KL, nats a token", series: series(\.worstKL),
                    reference: .init("budget, worst tokens", report.numbers["mostWorstKL"]?.first ?? 0),
                    covering: 0...0.1),
            ])
    }

    /// Maps of heads, and how concentrated the behaviour is in them.
    var place: [ReportDocument.Block] {
        let called = Set(report.heads)
        let c = report.concentration
        let effects = HeatMap(
            report.screen, layers: report.layers, headsOfLayer: report.headsOfLayer,
            quantity: "Change of the logit difference"
        ) { head in
            HeatMap.Cell(
                head.effect, isChosen: called.contains("\(head.head)"),
                detail: NumberText.format("q = %.3f", head.q ?? 1))
        }
        let cosines = HeatMap(
            report.firstLook.heads, layers: report.layers, headsOfLayer: report.headsOfLayer,
            quantity: "Mean cosine of paired differences"
        ) { HeatMap.Cell($0.cosine, isMasked: $0.p > 0.05, detail: NumberText.format("p = %.3f", $0.p)) }
        var blocks: [ReportDocument.Block] = [
            .paragraph(
                "\(report.heads.count) of \(report.screen.count) heads are called"
                    + (report.heads.isEmpty ? ". " : ": \(Self.list(report.heads)). ")
                    + NumberText.format(
                        "Of the sum of all effects towards the behaviour, the head with the largest effect has %.0f%%, the first "
                            + "four %.0f%% and the first sixteen %.0f%%. This is as concentrated as %.1f heads of equal effect.",
                        c.top1 * 100, c.top4 * 100, c.top16 * 100, c.effectiveHeads)),
            .figure(
                .init(
                    "heads", svg: effects.svg(),
                    caption:
                        "What moving each head by 8 σ does to the logit difference of the swept items; called heads are marked."
                )),
            .figure(
                .init(
                    "first-look", svg: cosines.svg(),
                    caption:
                        "The first look: how far the differences of \(report.firstLook.pairs) pairs point the same way. Heads "
                        + NumberText.format(
                            "that don't exceed what random signs give (up to %.2f over all heads) are masked.",
                            report.firstLook.nullCosine))),
        ]
        if !report.overlaps.isEmpty {
            var table = TextTable([
                .init("behaviour"), .init("shared heads"), .init("cosines at the heads called here"),
            ])
            for overlap in report.overlaps {
                table.add([
                    overlap.name, overlap.shared.isEmpty ? "none" : Self.list(overlap.shared),
                    overlap.cosines.prefix(8).map { $0.map { NumberText.format("%+.2f", $0) } ?? "–" }
                        .joined(separator: ", "),
                ])
            }
            blocks.append(.table(table, caption: "Compared with behaviours that were audited before."))
        }
        return blocks
    }
}
