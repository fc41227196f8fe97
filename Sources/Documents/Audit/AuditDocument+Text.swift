import Auditing
import CausalSearch
import Foundation
import Reporting

extension AuditDocument {
    /// The part of the audit that a terminal shows.
    public func text(_ style: TerminalStyle, tables: TerminalStyle) -> String {
        let called = Set(report.heads)
        let map = HeatMap(
            report.screen, layers: report.layers, headsOfLayer: report.headsOfLayer,
            quantity: "Change of the logit difference"
        ) { HeatMap.Cell($0.effect, isChosen: called.contains("\($0.head)")) }
        var words: [String] = []
        for case .list(let items) in plainWords { words += items }
        let width = min(style.width, 100)
        let prose =
            [TextWrapping.wrap(summary, width: width).joined(separator: "\n")]
            + words.map { "– " + TextWrapping.wrap($0, width: width - 2).joined(separator: "\n  ") }
        return ([map.rendered(style), scoreTable.rendered(tables)] + prose).joined(separator: "\n\n")
    }
}
