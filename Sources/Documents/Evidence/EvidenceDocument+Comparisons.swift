import DataFiles
import Evaluation
import Evidence
import Foundation
import Reporting
import Statistics
import Tasks

extension EvidenceDocument {
    /// Whether answers follow the contents of the options or their letters, without any edit.
    public var contentTable: TextTable {
        var table = TextTable([
            .init("behaviour"), .init("for it, as written", .right), .init("options exchanged", .right),
            .init("same side both times"), .init("takes (A)"),
        ])
        for report in reports {
            guard let choice = report.evaluation.choiceBase, let swapped = choice.swapped else { continue }
            table.add([
                report.plan.name, Self.percent(choice.original.accuracy.share), Self.percent(swapped.accuracy.share),
                choice.consistency.map(Self.share) ?? "", choice.letters?["A"].map(Self.share) ?? "",
            ])
        }
        return table.withoutEmptyColumns()
    }

    /// ITI's rule at the plan's cost, the prompt, and the plan's heads at the prompt's cost.
    public var recipeTable: TextTable {
        var table = TextTable([
            .init("behaviour"), .init("the plan"), .init("ITI's rule at its cost"), .init("the prompt"),
            .init("KL of the prompt", .right), .init("the plan's heads at that cost"),
        ])
        for report in reports {
            func own(_ question: Comparison.Question, _ index: Int) -> Comparison? {
                report.comparisons.filter { $0.question == question }.dropFirst(index).first
            }
            table.add([
                report.plan.name, Self.interval(report.evaluation.change), Self.named(own(.iti, 0)),
                own(.prompt, 0).map { Self.interval($0.change.change) } ?? "",
                own(.prompt, 0).map { NumberText.format("%.3f", $0.neutralKL) } ?? "",
                own(.prompt, 1).map { Self.interval($0.change.change) } ?? "none at this cost",
            ])
        }
        return table.withoutEmptyColumns()
    }

    /// Other edits of the plan's heads at the plan's cost.
    public var operationTable: TextTable {
        var names: [String] = []
        for comparison in reports.flatMap(\.comparisons) where comparison.question == .operation {
            if !names.contains(comparison.name) { names.append(comparison.name) }
        }
        var table = TextTable([.init("behaviour")] + names.map { .init($0) })
        for report in reports {
            table.add(
                [report.plan.name]
                    + names.map { name in
                        report.comparisons.first { $0.question == .operation && $0.name == name }.map {
                            "\(Self.interval($0.change.change)) (\(NumberText.format("%.3g", $0.factor)))"
                        } ?? "none at this cost"
                    })
        }
        return table.withoutEmptyColumns()
    }

    /// The judges' scores for open answers under the plan, its opposite and the prompt.
    public var openTable: TextTable {
        var table = TextTable([
            .init("behaviour"), .init("judge"), .init("unedited", .right), .init("with the plan"),
            .init("opposite sign"),
            .init("with a prompt"), .init("distinct-2: without, with", .right),
        ])
        for report in reports {
            guard let open = report.openEnded, let base = open.conditions.first?.texts else { continue }
            for judge in base.judged.keys.sorted() {
                func change(_ name: String) -> String {
                    open.conditions.first { $0.name == name }?.changes[judge].map { Self.interval($0.change) } ?? ""
                }
                let steered = open.conditions.first { $0.name == "plan" }?.texts
                table.add([
                    report.plan.name, judge, NumberText.format("%.2f", base.judged[judge]?.mean ?? 0), change("plan"),
                    change("opposite"), change("prompt"),
                    steered.map {
                        NumberText.format("%.2f, %.2f", base.summary.distinct2.mean, $0.summary.distinct2.mean)
                    } ?? "",
                ])
            }
        }
        return table.withoutEmptyColumns()
    }

    /// The checks of the studies' judges, each with its study's name.
    var checks: [JudgeCheck] {
        reports.flatMap { report in
            ((report.openEnded?.checks ?? []) + (report.evaluation.judgeChecks ?? [])).map { check in
                var check = check
                check.judge = "\(report.plan.name): \(check.judge)"
                return check
            }
        }
    }

    /// The effect for other phrasings, with the share of items moved the wrong way.
    public var phrasingTable: TextTable {
        let names = reports.first?.phrasings.map(\.name) ?? []
        var table = TextTable([.init("behaviour")] + names.map { .init($0) })
        for report in reports {
            table.add(
                [report.plan.name]
                    + names.map { name in
                        report.phrasings.first { $0.name == name }.map {
                            "\(Self.interval($0.change.change)), \(Self.percent($0.change.movedWrongWay.share)) wrong"
                        } ?? ""
                    })
        }
        return table.withoutEmptyColumns()
    }

    /// The seconds of each stage, and the speed of its weight products as a share of the machine's peak.
    ///
    /// This is not part of the document, which has the same bytes in every run.
    public var timeTable: TextTable {
        var stages: [String] = []
        for stage in reports.flatMap({ $0.seconds ?? [] }) where !stages.contains(stage.stage) {
            stages.append(stage.stage)
        }
        var table = TextTable(
            [.init("seconds, share of peak arithmetic")] + reports.map { .init($0.plan.name, .right) })
        for name in stages {
            table.add(
                [name]
                    + reports.map { report in
                        report.seconds?.first { $0.stage == name }.map { stage in
                            NumberText.format("%.1f", stage.seconds)
                                + (stage.shareOfPeak.map { NumberText.format(", %.0f%%", 100 * $0) } ?? "")
                        } ?? ""
                    })
        }
        table.add(
            ["all"]
                + reports.map { report in
                    NumberText.format("%.1f", (report.seconds ?? []).reduce(0) { $0 + $1.seconds })
                })
        return table
    }

    private static func named(_ comparison: Comparison?) -> String {
        comparison.map { "\(interval($0.change.change)) (\($0.name))" } ?? "none at this cost"
    }

    private static func share(_ share: ShareWithInterval) -> String {
        "\(percent(share.share)) [\(percent(share.ciLow)), \(percent(share.ciHigh))]"
    }
}
