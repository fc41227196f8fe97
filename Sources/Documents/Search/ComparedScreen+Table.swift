import CausalSearch
import Reporting

extension ComparedScreen {
    /// A table that compares screens; seconds are also given as a share of those of the exact screen.
    public static func table(_ screens: [ComparedScreen]) -> TextTable {
        var table = TextTable([
            .init("screen"), .init("measured in full", .right), .init("top-10 recall", .right),
            .init("top 10 kept", .right), .init("rank correlation", .right), .init("called", .right),
            .init("last positions", .right), .init("seconds", .right), .init("share of exact", .right),
        ])
        let exact = screens.first { $0.method == .exact }?.seconds ?? 0
        for screen in screens {
            table.add([
                screen.method.rawValue, "\(screen.measured)", NumberText.format("%.1f", screen.topTenRecall),
                NumberText.format("%.1f", screen.keptTopTen),
                screen.rankCorrelation.map { NumberText.format("%+.2f", $0) } ?? "none",
                "\(screen.calledToo) of \(screen.calledExactly)", "\(screen.positions)",
                screen.seconds.map { NumberText.format("%.1f", $0) } ?? "",
                screen.seconds.map { exact > 0 ? NumberText.format("%.0f%%", 100 * $0 / exact) : "" } ?? "",
            ])
        }
        return table
    }
}
