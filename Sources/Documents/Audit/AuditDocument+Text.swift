import Auditing
import CausalSearch
import Foundation
import Reporting

extension AuditDocument {
    /// What a terminal shows of it.
    public func text(_ style: TerminalStyle, tables: TerminalStyle) -> String {
        let called = Set(report.heads)
        let map = HeatMap(
            report.screen, layers: report.layers, headsOfLayer: report.headsOfLayer,
            quantity: "Change of the logit difference"
        ) { HeatMap.Cell($0.effect, isChosen: called.contains("\($0.head)")) }
        var words: [String] = []
        for case .list(let items) in plainWords { words += items }
        return ([map.rendered(style), scoreTable.rendered(tables), summary] + words.map { "– \($0)" })
            .joined(separator: "\n\n")
    }
}
