import DataFiles
import DataSets
import Directions
import Foundation
import HeadSteerTesting
import Intervention
import Statistics
import Transformer
import XCTest
import _TestSupport

/// A plan of the planted model's two mood heads as a search would write it, and its data.
struct RecordedPlans {
    let planted: PlantedModel
    let directions: DirectionFile
    let fingerprint: String
    let activations: LabelledActivations
    /// Adds 8 σ at 2.1 and 4.2, at `last`.
    let plan: LoadedPlan

    static let source = ["tokensSHA256": "sha256:01", "positions": "last", "estimator": "mass-mean"]

    init() throws {
        let planted = try PlantedModel()
        self.planted = planted
        let collection = try planted.collect(planted.examples)
        let rows = GroupedLabels(planted.examples)
        let fitted = try collection.table.directions(rows: rows)
        directions = DirectionFile(fitted, residualNorms: collection.residualNorms)
        fingerprint = try planted.model.fingerprint(workers: planted.workers)
        activations = LabelledActivations(
            table: collection.table, rows: rows, residualNorms: collection.residualNorms,
            metadata: Self.source)
        let heads = [Head(layer: 2, index: 1), Head(layer: 4, index: 2)]
        let units = heads.compactMap { head in fitted.first { $0.head == head }?.unit }
        let texts = try [0, 1, 20, 21].map { row in
            let tokens = try planted.examples[row].tokens(planted.tokenizer)
            return RecordedText(
                ids: tokens, positions: tokens.count - 1..<tokens.count, label: planted.examples[row].label,
                projections: Dictionary(
                    uniqueKeysWithValues: zip(heads, units).map { head, unit in
                        let own = collection.table[head]
                        let z = own.values[row * own.features..<(row + 1) * own.features]
                        return (.head(head), zip(z, unit).reduce(0.0) { $0 + Double($1.0) * Double($1.1) })
                    }))
        }
        plan = try LoadedPlan(
            moving: heads.map { .head($0) }, along: directions, by: 8, in: planted.model.configuration,
            fingerprint: fingerprint
        ).recorded(
            on: planted.model, fingerprint: fingerprint, prompts: planted.contrasts.items.prefix(3).map(\.prompt),
            texts: texts, source: Self.source, workers: planted.workers)
    }

    func verify(_ plan: LoadedPlan, data: DirectionCheck? = nil, model: LanguageModel? = nil) throws -> PlanVerification
    {
        try PlanVerifier(model ?? planted.model, workers: planted.workers).verify(plan, data: data)
    }

    /// The check of the texts that the directions were fitted from.
    var sameTexts: DirectionCheck { DirectionCheck(activations: [.z: activations], tokensSHA256: "sha256:01") }

    /// The plan with another directions file, each of whose entries is made of the old ones.
    func changingDirections(
        _ change: (_ name: String, _ entry: DirectionFile.Entry) throws -> DirectionFile.Entry
    ) throws -> LoadedPlan {
        var file = DirectionFile()
        for name in directions.names {
            file.add(name, try change(name, XCTUnwrap(directions[name])))
        }
        var changed = plan
        changed.directions = file
        return changed
    }
}

extension PlanVerification {
    func check(_ name: String, file: StaticString = #filePath, line: UInt = #line) throws -> Check {
        try XCTUnwrap(checks.first { $0.name == name }, "\(name) among \(checks.map(\.name))", file: file, line: line)
    }
}
