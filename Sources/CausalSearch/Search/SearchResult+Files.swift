import DataFiles
import Directions
import Foundation
import Intervention
import Tasks
import Transformer

extension SearchResult {
    /// Writes `plan.json`, `directions.safetensors` (all heads), `report.json` and `times.json` to a folder, which is
    /// made if it doesn't exist.
    ///
    /// - Parameters:
    ///   - provenance: other facts that the report should record, such as files, digests and versions.
    ///   - usedTexts: digests of all texts that the search saw, so that an evaluation can check whether its own texts
    ///     are among them.
    /// - Throws: `InputError` if the folder can't be written to.
    public func write(
        to folder: URL, model: ModelReference, provenance: [String: String] = [:], usedTexts: [String] = []
    )
        throws
    {
        try AtomicOutput.makeFolder(folder)
        var file = DirectionFile(directions, residualNorms: residualNorms)
        file.metadata = ["fingerprint": model.fingerprint, "estimator": "mass-mean", "site": "z", "positions": "last"]
        try file.write(to: folder.appending(path: "directions.safetensors"))
        let encoder = JSONEncoder.indented
        try AtomicOutput.write(
            try encoder.encode(
                SearchReport(self, fingerprint: model.fingerprint, provenance: provenance, usedTexts: usedTexts)),
            to: folder.appending(path: "report.json"))
        try AtomicOutput.write(try encoder.encode(seconds), to: folder.appending(path: "times.json"))
        // The plan is written last, so that the files that it needs are there when it is.
        var plan = plan(model: model)
        plan.record = evidence.record(
            fingerprint: model.fingerprint,
            source: PlanRecord.source(provenance).merging(["estimator": "mass-mean"]) { $1 }
                .merging(spent?.record ?? [:]) { $1 })
        try plan.write(to: folder.appending(path: "plan.json"))
    }
}

/// A search as `report.json` records it, without times, so that the same search writes the same bytes.
private struct SearchReport: Encodable {
    struct Head: Encodable {
        var screen: ScreenedHead
        var sigma, directionNorm: Double

        private enum Key: String, CodingKey { case sigma, directionNorm }

        func encode(to encoder: any Encoder) throws {
            try screen.encode(to: encoder)
            var container = encoder.container(keyedBy: Key.self)
            try container.encode(sigma, forKey: .sigma)
            try container.encode(directionNorm, forKey: .directionNorm)
        }
    }

    var format = "headsteer.search/2"
    var fingerprint: String
    var provenance: [String: String]
    var options: SearchOptions
    var contrastSource: ContrastSource
    var uneditedLogitDifference: [Double]
    var heads: [String]
    var strength: Double
    var strengths: [Double]
    var unit = "sigma"
    var isReadable: Bool
    var isWithinBudget: Bool
    var strengthTrials: [StrengthTrial]
    var tuned: StrengthTrial?
    var spent: BudgetedStrength?
    var combination: [CombinationStep]
    var checked: [CheckedHead]
    var tokens: [DirectAttribution.Tokens]
    var sweep: [Head]
    var warnings: [String]
    var usedTexts: [String]

    init(_ result: SearchResult, fingerprint: String, provenance: [String: String], usedTexts: [String]) {
        warnings = result.warnings
        self.usedTexts = usedTexts
        self.fingerprint = fingerprint
        self.provenance = provenance
        options = result.options
        contrastSource = result.contrastSource
        uneditedLogitDifference = result.unedited
        heads = result.heads.map(\.name)
        strength = result.strength
        strengths = result.strengths
        isReadable = result.isReadable
        isWithinBudget = result.isWithinBudget
        strengthTrials = result.trials
        tuned = result.tuned
        spent = result.spent
        combination = result.combination
        checked = result.checked
        tokens = result.tokens
        let byHead = Dictionary(uniqueKeysWithValues: result.directions.map { ($0.head, $0) })
        sweep = result.screened.map { head in
            let direction = byHead[head.head]
            let norm = direction.map { $0.vector.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot() }
            return Head(screen: head, sigma: direction?.sigma ?? 0, directionNorm: norm ?? 0)
        }
    }
}
