import Checkpoints
import Foundation

extension Bake {
    /// Writes the baked model as a GGUF file.
    ///
    /// It has the original's metadata and tensors, with the new biases (`attn_output.bias`, F32) and matrices in their
    /// places.
    func write(_ file: GGUFFile, to url: URL) throws {
        var record = record
        var added: [Int: [GGUFWriter.Tensor]] = [:]
        var replaced: [String: GGUFWriter.Tensor] = [:]
        let indices = Dictionary(uniqueKeysWithValues: file.tensors.enumerated().map { ($1.name, $0) })
        for change in layers {
            let projection = model.storedOutputProjection(layer: change.layer)
            let weightName = projection.weight
            if change.hasNewWeights {
                let bake = self
                replaced[weightName] = .init(name: weightName, shape: storedShape(projection), format: .f32) { emit in
                    try bake.newWeights(layer: change.layer).withUnsafeBytes(emit)
                }
            }
            guard let bias = change.bias else { continue }
            let name = projection.bias
            let tensor = GGUFWriter.Tensor(name: name, shape: [bias.count], format: .f32) { emit in
                try bias.withUnsafeBytes(emit)
            }
            if indices[name] != nil {
                replaced[name] = tensor
            } else {
                // Goes next to its matrix, as converters write it.
                added[indices[weightName] ?? 0, default: []].append(tensor)
                record.added.append(name)
            }
        }
        record.changed = replaced.keys.sorted()

        let stored = try GGUFStorage(file)
        let originals = try file.tensors.filter { replaced[$0.name] != nil }.flatMap {
            try BakeRecord.metadata(original: $0)
        }
        let tensors = file.tensors.enumerated().flatMap { index, tensor in
            [replaced[tensor.name] ?? GGUFWriter.Tensor(copying: tensor)] + (added[index] ?? [])
        }
        try GGUFWriter(
            metadata: stored.metadata + record.ggufMetadata + originals, tensors: tensors, alignment: stored.alignment
        ).write(to: url)
    }
}

/// The parts of a GGUF file that are written again unchanged.
struct GGUFStorage {
    var metadata: [(key: String, value: GGUFWriterValue)]
    let alignment: Int

    init(_ file: GGUFFile) throws {
        let alignment = try file.metadata.integer("general.alignment") ?? 32
        self.alignment = max(alignment, 32)
        // Drops an alignment smaller than the writer's: llama.cpp expects each tensor right after the previous one.
        metadata = try file.storedMetadata().filter { $0.key != "general.alignment" || alignment >= 32 }
            .map { ($0.key, .stored($0.value)) }
    }
}
