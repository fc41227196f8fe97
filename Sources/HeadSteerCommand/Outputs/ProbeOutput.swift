import Directions
import Documents
import Foundation
import Probing
import Reporting

/// The output of `probe`.
struct ProbeOutput: Encodable {
    struct Power: Encodable {
        var detectableAUROC: Double?
        /// The number of groups needed to find a head of AUROC 0.7, 0.8 and 0.9.
        var groupsNeeded: [String: Int]
        /// The number of groups below which no head can be significant.
        var groupsForFloor: Int
    }

    var heads: [HeadProbeResult]
    var estimator: DirectionEstimator
    var examples: Int
    var groups: Int
    var folds: Int
    var repeats: Int
    /// The number of relabellings that p values rest on.
    var relabellings: Int
    /// Whether these are all the relabellings there are.
    var isExact: Bool
    /// The smallest p value that is possible; null if nothing was tested.
    var smallestP: Double?
    /// The number of heads with p ≤ 0.05; null if nothing was tested.
    var significant: Int?
    /// The number of heads with q ≤ 0.05; null if nothing was tested.
    var discovered: Int?
    var power: Power
    var comparison: [HeadComparison]?

    private enum CodingKeys: String, CodingKey {
        case heads, estimator, examples, groups, folds, repeats, relabellings, isExact, smallestP, significant
        case discovered, power, comparison
    }

    init(_ report: ProbeReport, comparison: [HeadComparison]?) {
        heads = report.heads
        estimator = report.options.estimator
        examples = report.examples
        groups = report.groups
        folds = report.folds
        repeats = report.options.repeats
        relabellings = report.relabellings
        isExact = report.isExact
        smallestP = report.smallestP
        significant = report.smallestP.map { _ in report.significant().count }
        discovered = report.smallestP.map { _ in report.discovered().count }
        power = Power(
            detectableAUROC: report.power.detectableArea,
            groupsNeeded: Dictionary(
                uniqueKeysWithValues: [0.7, 0.8, 0.9].map { ("\($0)", report.power.groupsNeeded(forArea: $0)) }),
            groupsForFloor: report.power.groupsForFloor)
        self.comparison = comparison
    }

    /// Writes null for what wasn't tested, so that scripts find every field.
    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(heads, forKey: .heads)
        try container.encode(estimator, forKey: .estimator)
        for (key, number) in [
            (CodingKeys.examples, examples), (.groups, groups), (.folds, folds), (.repeats, repeats),
            (.relabellings, relabellings),
        ] { try container.encode(number, forKey: key) }
        try container.encode(isExact, forKey: .isExact)
        try container.encode(smallestP, forKey: .smallestP)
        try container.encode(significant, forKey: .significant)
        try container.encode(discovered, forKey: .discovered)
        try container.encode(power, forKey: .power)
        try container.encodeIfPresent(comparison, forKey: .comparison)
    }

    func text(
        _ report: ProbeReport, _ picture: ProbePicture?, _ console: Console, rows: Int
    ) -> String {
        let style = console.style
        let summary = report.summary(rows: rows)
        var blocks = [
            report.heatMap().rendered(style), report.table(rows: rows).rendered(console.tableStyle),
            console.isOutputTerminal
                ? TextWrapping.wrap(summary, width: console.proseWidth).joined(separator: "\n") : summary,
        ]
        if let picture { blocks.append(picture.plot.rendered(style)) }
        if let comparison {
            let title = style.bold("The best heads, compared with the other data set:")
            blocks.append("\(title)\n\(Self.table(comparison, best: report.heads).rendered(console.tableStyle))")
        }
        return blocks.joined(separator: "\n\n")
    }

    private static func table(_ comparison: [HeadComparison], best: [HeadProbeResult]) -> TextTable {
        var table = TextTable([
            .init("head", .right), .init("cosine", .right), .init("Mahalanobis", .right),
            .init("AUROC there", .right), .init("95% interval"), .init("and back", .right),
        ])
        let byHead = Dictionary(uniqueKeysWithValues: comparison.map { ($0.head, $0) })
        for both in best.prefix(10).compactMap({ byHead[$0.head] }) {
            table.add([
                "\(both.head)", NumberText.format("%+.3f", both.cosine),
                NumberText.format("%+.3f", both.mahalanobisCosine),
                NumberText.format("%.3f", both.firstOnSecond),
                NumberText.format("%.3f … %.3f", both.firstOnSecondLow, both.firstOnSecondHigh),
                NumberText.format("%.3f", both.secondOnFirst),
            ])
        }
        return table
    }
}
