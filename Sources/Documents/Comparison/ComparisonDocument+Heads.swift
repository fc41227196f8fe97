import Foundation
import ModelComparison
import Reporting
import Transformer

extension ComparisonDocument {
    /// A map of all heads, with changed heads marked.
    public func map(_ quantity: String, _ value: (ComparedHead) -> Double?) -> HeatMap {
        var cells = [[HeatMap.Cell]](
            repeating: [HeatMap.Cell](repeating: .init(0, isMasked: true), count: headsOfLayer), count: layers)
        for head in report.heads {
            guard let value = value(head) else { continue }
            cells[head.head.layer][head.head.index] = .init(
                value, isChosen: head.isChanged,
                detail: head.isChanged ? "changed: \(head.weights.changed.joined(separator: ", "))" : "")
        }
        return HeatMap(cells, quantity: quantity)
    }

    /// The relative change of each head's weights.
    public var weightMap: HeatMap { map("Relative change of the weights") { $0.weights.weightChange } }
    /// The change in the direction of z.
    public var activationMap: HeatMap { map("1 − cosine of z in A and B") { 1 - $0.activations.activationCosine } }
    /// The distance of CKA from 1.
    public var alignmentMap: HeatMap { map("1 − linear CKA of z") { head in head.activations.cka.map { 1 - $0 } } }
    /// The AUROC of A's directions in B minus that in A; below 0 if they lose.
    public var transferMap: HeatMap {
        map("AUROC of A's direction: in B minus in A") { head in head.transfer.map { $0.aurocB - $0.aurocA } }
    }

    var weightBlocks: [ReportDocument.Block] {
        var blocks: [ReportDocument.Block] = [
            figure(
                "weights", weightMap,
                "‖ΔW‖ / ‖W‖ of each head's rows of W_Q, W_K and W_V and columns of W_O, including its share of the output bias's "
                    + "change. Changed heads are marked."
            )
        ]
        let moved = report.heads.filter { $0.weights.weightChange > 0 || $0.isChanged }
            .sorted { $0.weights.weightChange > $1.weights.weightChange }
        if !moved.isEmpty {
            blocks.append(
                .table(
                    weightTable(moved.prefix(shownRows)),
                    caption:
                        "The heads whose weights changed most. “along” is the share of the squared change that lies along the "
                        + "known direction (by chance 1 / head size); where the output bias moves z, it is the cosine of "
                        + "this move with the known direction.")
            )
        }
        let elsewhere = report.weights.elsewhere.filter { $0.change > 0 || $0.isReordered }
            .sorted { $0.change > $1.change }.prefix(shownRows)
        var table = TextTable([.init("tensor"), .init("change", .right), .init("formats"), .init("")])
        for tensor in elsewhere {
            table.add([
                tensor.name, NumberText.format("%.2g", tensor.change), "\(tensor.formats.a) and \(tensor.formats.b)",
                tensor.isReordered ? "in another order" : tensor.isChanged ? "changed" : "rounding",
            ])
        }
        blocks.append(
            elsewhere.isEmpty
                ? .paragraph("Weights that belong to no head are the same.")
                : .table(table, caption: "Weights that belong to no head, the most changed first."))
        for order in report.weights.order {
            let names = order.heads.keys.sorted().map {
                "\($0): \(order.heads[$0]?.map(String.init).joined(separator: " ") ?? "")"
            }
            blocks.append(
                .paragraph(
                    "Layer \(order.layer)."
                        + (names.isEmpty
                            ? "" : " The places of A's heads in B, by projection: \(names.joined(separator: "; ")).")
                        + (order.within.isEmpty
                            ? "" : " In another order within heads: \(order.within.joined(separator: ", ")).")
                        + (order.keepsFunction
                            ? " The layer computes the same function." : " The layer computes something else.")))
        }
        return blocks
    }

    /// Heads with the changes of their weights.
    public func weightTable(_ heads: some Sequence<ComparedHead>) -> TextTable {
        var table = TextTable([
            .init("head", .right), .init("all", .right), .init("W_Q", .right), .init("W_K", .right),
            .init("W_V", .right), .init("W_O", .right), .init("biases", .right),
            .init("output bias moves z by", .right),
            .init("along", .right), .init("changed"),
        ])
        func number(_ value: Double) -> String { value == 0 ? "0" : NumberText.format("%.2g", value) }
        for head in heads {
            let weights = head.weights
            let along = weights.biasAlong ?? weights.outputAlong ?? weights.valueAlong
            table.add([
                "\(head.head)", number(weights.weightChange), number(weights.query), number(weights.key),
                number(weights.value), number(weights.output), number(weights.inputBias), number(weights.outputBias),
                along.map { NumberText.format("%.2f", $0) } ?? "", weights.changed.joined(separator: ", "),
            ])
        }
        return table
    }

    var activationBlocks: [ReportDocument.Block] {
        var table = TextTable([
            .init("head", .right), .init("cosine", .right), .init("CKA", .right), .init("‖z_B‖ / ‖z_A‖", .right),
        ])
        for head in report.heads.sorted(by: { $0.activations.activationCosine < $1.activations.activationCosine })
            .prefix(shownRows)
        {
            table.add([
                "\(head.head)", NumberText.format("%.4f", head.activations.activationCosine),
                head.activations.cka.map { NumberText.format("%.4f", $0) } ?? "",
                NumberText.format("%.3f", head.activations.normRatio),
            ])
        }
        return [
            figure("activations", activationMap, "How far z is rotated from A to B, on the same tokens."),
            figure("cka", alignmentMap, "How far the two representations differ, apart from a rotation and a scale."),
            .table(
                table,
                caption: "The heads whose z is rotated furthest, over \(report.activations.positions) of "
                    + "\(report.activations.positionsOfTexts) positions."
                    + (report.activations.positions < 2 * headSize
                        ? " With so few positions, CKA is large whatever is compared." : "")),
        ]
    }

    var transferBlocks: [ReportDocument.Block] {
        var table = TextTable([
            .init("head", .right), .init("AUROC in A", .right), .init("in B", .right), .init("95% interval in B"),
            .init("correct in A", .right), .init("in B", .right), .init("cosine", .right),
        ])
        let heads = report.heads.compactMap { head in head.transfer.map { (head.head, $0) } }
        for (head, transfer) in heads.sorted(by: { $0.1.aurocA > $1.1.aurocA }).prefix(shownRows) {
            table.add([
                "\(head)", NumberText.format("%.3f", transfer.aurocA), NumberText.format("%.3f", transfer.aurocB),
                NumberText.format("%.3f … %.3f", transfer.aurocBLow, transfer.aurocBHigh),
                Self.percent(transfer.accuracyA), Self.percent(transfer.accuracyB),
                transfer.directionCosine.map { NumberText.format("%+.3f", $0) } ?? "",
            ])
        }
        let source = report.directionSource ?? ""
        return [
            figure("directions", transferMap, "What A's direction of each head loses or gains as a detector in B."),
            .table(
                table,
                caption:
                    "A's best heads by AUROC of their directions: the area under the ROC curve, the share of texts that A's "
                    + "threshold puts in the correct class, with both classes weighing the same, and the cosine with B's own "
                    + "direction; on \(report.directionTexts ?? 0) texts "
                    + (source == "fitted"
                        ? "(fitted to A's activations, tested on texts of other groups)."
                        : "(directions of \(source)).")),
        ]
    }

    private func figure(_ name: String, _ map: HeatMap, _ caption: String) -> ReportDocument.Block {
        .figure(.init(name, svg: map.svg(), caption: caption))
    }
}
