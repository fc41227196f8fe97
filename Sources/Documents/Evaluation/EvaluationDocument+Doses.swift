import Evaluation
import Foundation
import Reporting
import Tasks

extension EvaluationDocument {
    /// The dose-response curve and its table.
    func dose(_ doses: DoseResponse) -> [ReportDocument.Block] {
        [
            .figure(
                .init(
                    "dose-response", svg: Self.plot(doses, title: title).svg(),
                    caption:
                        "What the plan does at several doses. Bands and bars are 95% intervals; grey is the range of "
                        + "random directions of the same length.")),
            .table(Self.table(doses), caption: ""),
        ]
    }

    /// The dose-response curve: effect, answers, texts and side effects as functions of the strength.
    public static func plot(_ doses: DoseResponse, title: String) -> LinePlot {
        let points = doses.points
        func x(_ point: DoseResponse.Point) -> Double { point.factor * doses.strength }
        func series(
            _ name: String, _ value: (DoseResponse.Point) -> (mean: Double, interval: ClosedRange<Double>?)?
        ) -> LinePlot.Series {
            LinePlot.Series(
                name,
                points.map { point in
                    let value = value(point)
                    return LinePlot.Point(x: x(point), y: value?.mean, interval: value?.interval)
                })
        }
        let random = points.compactMap { point -> LinePlot.ControlBand.Extent? in
            guard let low = point.randomChanges.min(), let high = point.randomChanges.max() else {
                return point.factor == 0 ? .init(x: x(point), range: 0...0) : nil
            }
            return .init(x: x(point), range: low...high)
        }
        var panels = [
            LinePlot.Panel(
                "Effect", quantity: "change of the logit difference",
                series: [series("plan") { ($0.change.change.mean, $0.change.change.interval) }],
                reference: .init("no edit", 0),
                bands: random.count > 1 ? [.init("random directions", random)] : []),
            LinePlot.Panel(
                "Answers", quantity: "share for the behaviour",
                series: [
                    series("by log-probability") {
                        let (share, low, high) = ($0.scores.accuracy, $0.scores.accuracyLow, $0.scores.accuracyHigh)
                        return (share, min(low, share)...max(high, share))
                    }
                ]
                    + (points.contains { $0.texts != nil }
                        ? [
                            series("texts for it") { Self.share($0, \.target) },
                            series("texts undefined") { Self.share($0, \.undefined) },
                        ] : []),
                covering: 0...1),
            LinePlot.Panel(
                "Cost on neutral text", quantity: "KL, nats a token",
                series: [series("plan") { ($0.neutral.kl.mean, $0.neutral.kl.interval) }],
                covering: 0...0.1),
        ]
        if points.contains(where: { $0.texts != nil }) {
            panels.append(
                LinePlot.Panel(
                    "Texts", quantity: "distinct-2",
                    series: [
                        series("plan") {
                            $0.texts.map { ($0.summary.distinct2.mean, $0.summary.distinct2.interval) }
                        }
                    ], covering: 0...1))
        }
        return LinePlot(title: title, axis: "strength of the first edit (\(doses.unit))", panels: panels)
    }

    private static func share(
        _ point: DoseResponse.Point, _ count: KeyPath<OutcomeCounts, Int>
    ) -> (mean: Double, interval: ClosedRange<Double>?)? {
        point.texts.map { texts in
            let share = Double(texts.outcomes[keyPath: count]) / Double(max(texts.outcomes.total, 1))
            return (share, nil)
        }
    }

    /// The doses as a table.
    public static func table(_ doses: DoseResponse) -> TextTable {
        var table = TextTable([
            .init("strength", .right), .init("change", .right), .init("95% interval"), .init("random", .right),
            .init("for it", .right), .init("texts: for, against, undefined"), .init("KL", .right),
            .init("perplexity", .right), .init("distinct-2", .right), .init("tokens", .right),
            .init("unrelated", .right),
        ])
        for point in doses.points {
            let texts = point.texts
            table.add([
                NumberText.format("%g", point.factor * doses.strength), signed(point.change.change.mean),
                interval(point.change.change),
                point.randomChanges.map(abs).max().map { NumberText.format("±%.2f", $0) } ?? "",
                percent(point.scores.accuracy),
                texts.map { "\($0.outcomes.target) / \($0.outcomes.other) / \($0.outcomes.undefined)" } ?? "",
                NumberText.format("%.3f", point.neutral.kl.mean), NumberText.format("%.1f", point.neutral.perplexity),
                texts.map { NumberText.format("%.2f", $0.summary.distinct2.mean) } ?? "",
                texts.map { NumberText.format("%.1f", $0.summary.tokens.mean) } ?? "",
                point.unrelatedChange.map { signedPercent($0.mean) } ?? "",
            ])
        }
        return table.withoutEmptyColumns()
    }
}
