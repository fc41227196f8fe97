import Foundation
import Probing
import Reporting

extension ProbeReport {
    /// A map of AUROC relative to one half, with heads that aren't significant masked.
    public func heatMap() -> HeatMap {
        let wasTested = smallestP != nil
        return HeatMap(
            heads, layers: (heads.map(\.head.layer).max() ?? 0) + 1,
            headsOfLayer: (heads.map(\.head.index).max() ?? 0) + 1,
            quantity: "AUROC − 0.5", scale: .ofShown
        ) { head in
            HeatMap.Cell(
                head.auroc - 0.5, isMasked: wasTested && !head.isSignificant(),
                detail: NumberText.format(
                    "AUROC %.3f (%.3f … %.3f), p %@, q %@, selectivity %@", head.auroc, head.ciLow, head.ciHigh,
                    Self.text(head.p), Self.text(head.q), head.selectivity.map { NumberText.format("%+.3f", $0) } ?? "–"
                ))
        }
    }

    private static func text(_ p: Double?) -> String { p.map { NumberText.format("%.4f", $0) } ?? "not tested" }

    /// The best heads.
    public func table(rows: Int = 20) -> TextTable {
        var table = TextTable([
            .init("head", .right), .init("AUROC", .right), .init("95% interval"), .init("balanced", .right),
            .init("95% interval"), .init("p", .right), .init("q", .right), .init("selectivity", .right),
        ])
        for head in heads.prefix(rows) {
            table.add([
                "\(head.head)", NumberText.format("%.3f", head.auroc),
                NumberText.format("%.3f … %.3f", head.ciLow, head.ciHigh),
                NumberText.format("%.3f", head.balancedAccuracy),
                NumberText.format("%.3f … %.3f", head.balancedAccuracyLow, head.balancedAccuracyHigh),
                head.p.map { NumberText.format("%.4f", $0) } ?? "–",
                head.q.map { NumberText.format("%.4f", $0) } ?? "–",
                head.selectivity.map { NumberText.format("%+.3f", $0) } ?? "–",
            ])
        }
        return table
    }

    /// A summary of what can be said about all heads, and of what the data could have shown.
    ///
    /// - Parameter rows: the number of heads in the table.
    public func summary(rows: Int = 20) -> String {
        var lines: [String] = []
        let rest = heads.count - min(heads.count, rows)
        if let smallestP {
            let kind = isExact ? "relabellings (all possible ones)" : "relabellings"
            if smallestP > 0.05 {
                lines.append(
                    """
                    No head can be called significant, whatever its activations: with \(relabellings) \(kind), no p can be \
                    below \(NumberText.format("%.2g", smallestP)). At least \(power.groupsForFloor) groups are needed.
                    """)
            } else {
                lines.append(
                    """
                    \(significant().count) of \(heads.count) heads tell the labels apart at p ≤ 0.05, corrected for their \
                    number (max-T); \(discovered().count) at a false discovery rate of 5% (q ≤ 0.05).
                    """)
                lines.append("With \(relabellings) \(kind), no p can be below \(NumberText.format("%.2g", smallestP)).")
            }
        } else {
            lines.append("Nothing was tested: without relabellings no head can be called significant.")
        }
        lines.append(
            """
            \(examples) texts in \(groups) groups, \(folds) folds, \(options.repeats) \
            \(options.repeats == 1 ? "split" : "splits").\(rest > 0 ? " \(rest) more heads aren't shown (--rows shows them)." : "")
            """)
        let detectable =
            power.detectableArea.map { NumberText.format("an AUROC of %.2f is found with 80%% probability", $0) }
            ?? "not even a perfect head is sure to be found"
        lines.append(
            """
            With these groups \(detectable) among \(heads.count) heads; AUROC 0.7 needs \
            \(power.groupsNeeded(forArea: 0.7)) groups, 0.8 \(power.groupsNeeded(forArea: 0.8)), 0.9 \
            \(power.groupsNeeded(forArea: 0.9)).
            """)
        return lines.joined(separator: "\n")
    }

    /// All heads in the order of layers and heads, with empty fields for values that weren't tested.
    public func csv() -> String {
        var lines = [
            "layer,head,auroc,ci_low,ci_high,accuracy,accuracy_low,accuracy_high,balanced_accuracy,"
                + "balanced_accuracy_low,balanced_accuracy_high,p,unadjusted_p,q,selectivity,significant"
        ]
        for head in heads.sorted(by: { $0.head < $1.head }) {
            let numbers: [Double?] = [
                head.auroc, head.ciLow, head.ciHigh, head.accuracy, head.accuracyLow, head.accuracyHigh,
                head.balancedAccuracy, head.balancedAccuracyLow, head.balancedAccuracyHigh, head.p, head.unadjustedP,
                head.q, head.selectivity,
            ]
            let texts = numbers.map { $0.map { "\($0)" } ?? "" }
            lines.append(
                "\(head.head.layer),\(head.head.index),\(texts.joined(separator: ",")),\(smallestP == nil ? "" : "\(head.isSignificant())")"
            )
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
