import Foundation
import Reporting
import Statistics
import Tasks

extension TextTable {
    /// How well judges tell labelled texts apart, for reading their scores.
    static func judges(_ checks: [JudgeCheck]) -> TextTable {
        var table = TextTable([
            .init("judge"), .init("labelled texts", .right), .init("AUROC"), .init("for it at (A)"), .init("at (B)"),
            .init("mean score: with, without", .right), .init("correlation with length", .right),
            .init("AUROC of length alone"), .init("AUROC at equal length"),
        ])
        func text(_ area: AreaWithInterval) -> String {
            NumberText.format("%.2f [%.2f, %.2f]", area.area, area.ciLow, area.ciHigh)
        }
        for check in checks {
            let orders = check.orders.map(text) + ["", ""]
            table.add([
                check.judge, "\(check.withLabel) + \(check.withoutLabel)", text(check.auroc), orders[0], orders[1],
                NumberText.format("%.2f, %.2f", check.meanWithLabel, check.meanWithoutLabel),
                check.lengthCorrelation.map { NumberText.format("%+.2f", $0) } ?? "none", text(check.lengthAUROC),
                text(check.aurocAtEqualLength),
            ])
        }
        return table.withoutEmptyColumns()
    }

    static let judgesCaption =
        "How well each judge separates texts whose labels are known: read this before its scores. Both orders of its answers should "
        + "agree. The correlation with length is a rank correlation within each class."
}

extension JudgeCheck {
    /// An objection to the judge; nil for none.
    var warning: String? {
        guard auroc.ciLow <= 0.5 else { return nil }
        return NumberText.format(
            "the judge “%@” doesn't tell labelled texts apart (AUROC %.2f [%.2f, %.2f]): its scores say nothing", judge,
            auroc.area, auroc.ciLow, auroc.ciHigh)
    }
}
