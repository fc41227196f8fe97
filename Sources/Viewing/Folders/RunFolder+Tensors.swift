import Checkpoints
import DataFiles
import Directions
import Foundation
import Probing
import Transformer

extension RunFolder {
    /// Reads a probes file, a directions file or activations.
    ///
    /// - Returns: whether it is one of these, for z at one position per text.
    mutating func addTensors(_ file: URL) throws -> Bool {
        let tensors = try SafetensorsFile(contentsOf: file)
        let format = tensors.metadata["format"]
        let site = tensors.metadata["site"] ?? "z"
        guard site == "z" else { return false }
        if format == ProbeFile.format { return try addProbes(file) }
        if format == ActivationCollection.format {
            guard activations == nil, tensors.metadata["positions"] != "all" else { return false }
            let own = try LabelledActivations(contentsOf: file)
            try require(layers: own.table.layers, heads: own.table.heads, file.path(percentEncoded: false))
            try require(fingerprint: own.fingerprint, file.path(percentEncoded: false))
            activations = own
            remember(own.metadata)
            return true
        }
        guard tensors.entries.contains(where: { Head($0.name) != nil && $0.shape.count == 1 }) else { return false }
        try require(fingerprint: tensors.metadata["fingerprint"], file.path(percentEncoded: false))
        // A probes file has more information about the same directions.
        if directions == nil { directions = try DirectionFile(contentsOf: file) }
        return true
    }

    private mutating func addProbes(_ file: URL) throws -> Bool {
        let probes = try ProbeFile(contentsOf: file, model: nil)
        try require(layers: probes.layers, heads: probes.heads, file.path(percentEncoded: false))
        try require(fingerprint: probes.fingerprint, file.path(percentEncoded: false))
        directions = try DirectionFile(contentsOf: file)
        thresholds = Dictionary(uniqueKeysWithValues: probes.directions.map { ($0.head, $0.threshold) })
        remember(probes.provenance)
        let figures: [(String, (ProbeMeasures) -> Double?)] = [
            ("auroc", { $0.auroc }), ("ciLow", { $0.ciLow }), ("ciHigh", { $0.ciHigh }), ("p", { $0.p }),
            ("q", { $0.q }), ("accuracy", { $0.accuracy }), ("balancedAccuracy", { $0.balancedAccuracy }),
            ("selectivity", { $0.selectivity }),
        ]
        let name = name(file)
        let stem = String(name.dropLast(".safetensors".count))
        for (label, figure) in figures {
            let pairs = probes.report.heads.compactMap { head in figure(head.finding).map { (head.head, $0) } }
            guard !pairs.isEmpty else { continue }
            foundColumns.append(
                FoundColumn(
                    key: "\(stem)/\(label)", label: label, source: name,
                    place: file.path(percentEncoded: false), values: Dictionary(uniqueKeysWithValues: pairs)))
        }
        return true
    }

    /// Records how texts were read, according to a file; the first file that gives a value wins.
    private mutating func remember(_ metadata: [String: String]) {
        let keys = [
            "data", "dataSHA256", "tokensSHA256", "positions", "template", "date", "templateVariables", "model",
        ]
        provenance.merge(metadata.filter { keys.contains($0.key) }) { own, _ in own }
    }
}
