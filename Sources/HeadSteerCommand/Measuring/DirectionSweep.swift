import Attribution
import CausalSearch
import DataFiles
import Directions
import Documents
import Foundation
import Intervention
import Reporting
import Statistics
import Tasks
import Transformer

/// The causal effects of the directions in a file, measured one head at a time.
struct DirectionSweep {
    /// Largest effect first.
    let heads: [HeadEffectOutput]
    /// The mean logit difference without edits.
    let unedited: Double
    let items: Int
    let source: ContrastSource

    /// Sweeps the heads whose directions the file holds under their names `L.H`.
    ///
    /// - Parameter work: keeps the parts of the sweep; nil for a sweep that keeps none.
    /// - Returns: nil if only a shard's share was done.
    /// - Throws: `InputError` if the file names no head of the model, or lacks what the unit needs.
    init?(
        _ directions: DirectionFile, strength: Double, unit: StrengthUnit, contrasts: ContrastSet,
        _ opened: OpenedModel,
        _ work: SharedWork? = nil, _ environment: CommandEnvironment
    ) throws {
        let edits = try directions.headEdits(strength: strength, unit: unit, opened)
        let sweep = Sweep(edits: edits, contrasts: contrasts, opened: opened, environment: environment)
        let measured: Sweep.Measured? = if let work { try sweep.parts(work) } else { try sweep.whole() }
        guard let (unedited, changes) = measured else { return nil }
        heads = [HeadEffect](edits.map(\.target), changes: changes, groups: contrasts.items.map(\.group))
            .map(HeadEffectOutput.init)
        self.unedited = unedited.reduce(0, +) / Double(unedited.count)
        items = contrasts.items.count
        source = contrasts.source
    }
}

extension [HeadEffectOutput] {
    /// The largest effects.
    ///
    /// - Parameters:
    ///   - effect: the title of the column of effects; `interval` is that of the column of intervals.
    ///   - items: the number of items that the intervals are over.
    func table(_ effect: String, _ interval: String, items: Int, rows: Int) -> TextTable {
        var table = TextTable([.init("head", .right), .init(effect, .right), .init(interval)])
        for head in prefix(rows) {
            table.add([
                "\(head.head)", NumberText.format("%+.3f", head.effect),
                MeanWithInterval.text(head.ciLow, head.ciHigh, items: items) { NumberText.format("%+.3f", $0) },
            ])
        }
        return table
    }

    /// The effects as a map of all heads.
    func heatMap(_ opened: OpenedModel, chosen: [Head], quantity: String = "Change of the logit difference") -> HeatMap
    {
        HeatMap(
            self, layers: opened.configuration.layers, headsOfLayer: opened.configuration.heads, quantity: quantity
        ) { HeatMap.Cell($0.effect, isChosen: chosen.contains($0.head)) }
    }
}

extension DirectionFile {
    /// One edit of z for each head that the file has a direction for, under its name `L.H`.
    ///
    /// - Throws: `InputError` if the file names no head of the model, or lacks what the unit needs.
    func headEdits(strength: Double, unit: StrengthUnit, _ opened: OpenedModel) throws -> [HeadEdit] {
        let c = opened.configuration
        if let site = metadata["site"], site != "z" {
            throw InputError.badData(
                "directions of the site \(site)", in: "\(place): metadata site",
                remedy: "fit them on z, which is what the sweep moves")
        }
        var edits: [HeadEdit] = []
        for head in Head.all(c) {
            let name = "\(head)"
            guard let entry = self[name] else { continue }
            // A head whose activations don't differ between the labels has no direction to be moved along.
            if entry.vector.allSatisfy({ $0 == 0 }) {
                edits.append(HeadEdit(head, .add([Float](repeating: 0, count: c.headSize))))
                continue
            }
            let plan = InterventionPlan(edits: [
                PlannedEdit(
                    head, .add, direction: .named(name), strength: strength, unit: unit,
                    positions: .last)
            ])
            let resolved = try LoadedPlan(plan, directions: self, name: "\(place): \(name)").edits(c)
            edits += resolved.map { HeadEdit(head, $0.change) }
        }
        guard !edits.isEmpty else {
            throw InputError(
                .missingPart,
                "no direction of any head", in: place,
                remedy: "it needs tensors named L.H: write it with headsteer probe --out")
        }
        return edits
    }
}

/// A sweep of all heads.
private struct Sweep {
    /// The logit difference of each item without edits, and for each head the change of each item.
    typealias Measured = (unedited: [Double], changes: [[Double]])

    let edits: [HeadEdit]
    let contrasts: ContrastSet
    let opened: OpenedModel
    let environment: CommandEnvironment

    private func headSweep() throws -> HeadSweep {
        try HeadSweep(
            opened.model, items: contrasts.items, workers: opened.workers,
            isCancelled: { environment.interruption.isRequested })
    }

    /// Measures all heads in as few passes as possible.
    func whole() throws -> Measured {
        let sweep = try headSweep()
        return try environment.stage("Sweeping heads", total: edits.count) { progress in
            (sweep.unedited, try sweep.changes(edits.map { [$0] }, onProgress: { try? progress($0) }))
        }
    }

    /// Measures part by part and keeps each part; nil if that was only a shard's share.
    func parts(_ work: SharedWork) throws -> Measured? {
        let parts = HeadPart.all(edits.map(\.target), variantsOfHead: 1, items: contrasts.items.count)
        let names = ["unedited"] + parts.map(\.name)
        let values: [[[Double]]]? = try work.values(of: names) { missing, finish in
            let sweep = try headSweep()
            environment.interruption.finishesPart = true
            try environment.stage("Sweeping heads", total: missing.count) { progress in
                for (done, index) in missing.enumerated() {
                    try progress(done)
                    if index == 0 {
                        try finish(0, [sweep.unedited])
                    } else {
                        try finish(index, sweep.changes(edits[parts[index - 1].range].map { [$0] }))
                    }
                }
            }
        }
        return try values.map { values in
            // A journal from another machine may hold values that no sweep gives.
            let sizes = zip(values, [1] + parts.map(\.range.count))
            guard sizes.allSatisfy({ $0.count == $1 }),
                values.joined().allSatisfy({ $0.count == contrasts.items.count })
            else {
                throw InputError.badData(
                    "other numbers of changes than of heads and items", in: "the parts of the sweep",
                    remedy: "run the sweep or its shards again in empty folders")
            }
            return (unedited: values[0][0], changes: Array(values.dropFirst().joined()))
        }
    }
}
