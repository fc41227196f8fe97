import Checkpoints
import DataFiles
import Foundation
import Transformer

extension HuggingFaceFolder {
    /// A tensor's entry and the file that holds it.
    func entry(_ name: String) -> (entry: SafetensorsFile.Entry, file: SafetensorsFile)? {
        for file in files {
            if let entry = file[name] { return (entry, file) }
        }
        return nil
    }
}

extension Bake {
    /// Writes the baked model as a Hugging Face folder.
    ///
    /// transformers has a single switch, `attention_bias`, for the biases of queries, keys, values and outputs in all
    /// layers. If it was off, it is turned on, and every bias that the plan doesn't need is zero, with its matrix's
    /// type. New matrices and biases are stored as F32; transformers rounds them according to its `dtype`.
    func write(_ folder: HuggingFaceFolder, to url: URL) throws {
        var record = record
        var weights = WeightFolder(folder)
        let biasSwitch = biasSwitch
        let setsBias = biasSwitch != nil
        for change in layers {
            let bake = self
            let projection = model.storedOutputProjection(layer: change.layer)
            if change.hasNewWeights {
                let shape = storedShape(projection)
                weights.replaced[projection.weight] = .init(
                    name: projection.weight, type: "F32", shape: shape, byteCount: 4 * shape[0] * shape[1]
                ) { emit in try bake.newWeights(layer: change.layer).withUnsafeBytes(emit) }
            }
            if let bias = change.bias, !setsBias {
                weights.replaced[projection.bias] = .init(name: projection.bias, bias: bias)
            }
        }
        if setsBias { try addBiases(to: &weights, of: folder) }
        record.added = weights.added.values.joined().map(\.name).sorted()
        record.changed = weights.replaced.keys.sorted()

        let configURL = folder.url.appending(path: "config.json")
        var config = try TextFile.contents(configURL)
        record.files["config.json"] = config
        if let index = try weights.indexText() { record.files[WeightFolder.indexName] = index }
        if let biasSwitch {
            config =
                try JSONValue(parsing: Data(config.utf8), file: configURL.path(percentEncoded: false))
                .setting(biasSwitch, .bool(true)).text() + "\n"
        }
        var originals = SafetensorsWriter(metadata: try record.strings())
        for name in record.changed {
            if let (entry, file) = folder.entry(name) { originals.add(copying: entry, of: file) }
        }
        try FolderOutput.write(to: url) { output in
            try weights.write(to: output)
            try originals.write(to: output.appending(path: BakeRecord.fileName))
            try AtomicOutput.write(Data(config.utf8), to: output.appending(path: "config.json"))
            try FolderOutput.copyCompanions(
                of: folder.url, to: output, except: ["config.json", WeightFolder.indexName])
        }
    }

    /// The field of `config.json` that must be set to enable biases; nil if they are enabled already or not needed.
    private var biasSwitch: String? {
        guard let layer = layers.first(where: { $0.bias != nil })?.layer else { return nil }
        let projection = model.storedOutputProjection(layer: layer)
        guard !projection.hasBias, case .switchedOn(let field) = projection.support else { return nil }
        return field
    }

    /// Adds biases for the queries, keys, values and outputs of all layers, which are zero apart from the baked ones.
    private func addBiases(to weights: inout WeightFolder, of folder: HuggingFaceFolder) throws {
        let biases = Dictionary(
            uniqueKeysWithValues: layers.compactMap { layer in layer.bias.map { (layer.layer, $0) } })
        for layer in 0..<model.configuration.layers {
            for part in ["q_proj", "k_proj", "v_proj", "o_proj"] {
                // They have these names in every family that has the switch.
                let base = "model.layers.\(layer).self_attn.\(part)"
                guard let (matrix, _) = folder.entry(base + ".weight"), let rows = matrix.shape.first else {
                    throw InputError(
                        .missingPart,
                        "no tensor \(base).weight", in: folder.path, remedy: "fetch or convert the model again")
                }
                let name = base + ".bias"
                let tensor =
                    part == "o_proj" && biases[layer] != nil
                    ? WeightFolder.Tensor(name: name, bias: biases[layer] ?? [])
                    : WeightFolder.Tensor(
                        zeros: name, type: matrix.type, shape: [rows],
                        byteCount: rows * (matrix.range.count / max(1, matrix.shape.reduce(1, *))))
                // A bias that is in the file but was switched off would now take effect.
                if folder.entry(name) != nil {
                    weights.replaced[name] = tensor
                } else {
                    weights.added[matrix.name, default: []].append(tensor)
                }
            }
        }
    }
}

extension WeightFolder.Tensor {
    fileprivate init(name: String, bias: [Float]) {
        self.init(name: name, type: "F32", shape: [bias.count], byteCount: 4 * bias.count) { emit in
            try bias.withUnsafeBytes(emit)
        }
    }

    fileprivate init(zeros name: String, type: String, shape: [Int], byteCount: Int) {
        self.init(name: name, type: type, shape: shape, byteCount: byteCount) { emit in
            try [UInt8](repeating: 0, count: byteCount).withUnsafeBytes(emit)
        }
    }
}
