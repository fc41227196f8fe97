import Checkpoints
import Foundation
import TensorCore

extension Unbake {
    static func write(_ file: GGUFFile, _ record: BakeRecord, to url: URL) throws {
        var storage = try GGUFStorage(file)
        var stored: [String: GGUFStoredValue] = [:]
        for (key, value) in storage.metadata {
            if case .stored(let value) = value, key.hasPrefix(BakeRecord.prefix) { stored[key] = value }
        }
        storage.metadata.removeAll { $0.key.hasPrefix(BakeRecord.prefix) }
        let added = Set(record.added)
        let changed = Set(record.changed)
        let names = Set(file.tensors.map(\.name))
        if let name = record.added.first(where: { !names.contains($0) })
            ?? record.changed.first(where: { !names.contains($0) })
        {
            throw broken("a record of the tensor \(name), which is missing", file.metadata.path)
        }
        let tensors = try file.tensors.filter { !added.contains($0.name) }.map { tensor in
            changed.contains(tensor.name)
                ? try original(tensor, stored, file) : GGUFWriter.Tensor(copying: tensor)
        }
        try GGUFWriter(metadata: storage.metadata, tensors: tensors, alignment: storage.alignment).write(to: url)
    }

    /// The original of a changed tensor, from the metadata.
    private static func original(
        _ tensor: StoredTensor, _ stored: [String: GGUFStoredValue], _ file: GGUFFile
    ) throws -> GGUFWriter.Tensor {
        let key = BakeRecord.prefix + "original." + tensor.name
        let place = "\(file.metadata.path): \(key)"
        guard let (mapped, range) = stored[key]?.byteElements else {
            throw broken("no array of bytes that holds the original", place)
        }
        let number = try file.metadata.integer(key + ".type").flatMap { UInt32(exactly: $0) }
        guard let format = number.flatMap(WeightFormat.init(rawValue:)) else {
            throw broken("no known type of the original", place)
        }
        guard try file.metadata[key + ".shape"]?.array?.integers() == tensor.shape else {
            throw broken("an original that is not of the tensor's shape \(tensor.shape)", place)
        }
        guard let columns = tensor.shape.last, columns % format.weightsPerBlock == 0,
            format.byteCount(weights: tensor.count) == range.count
        else {
            throw broken(
                "\(range.count) bytes, which don't make a tensor of the shape \(tensor.shape) in \(format.name)", place)
        }
        return GGUFWriter.Tensor(name: tensor.name, shape: tensor.shape, format: format) { emit in
            try emit(UnsafeRawBufferPointer(rebasing: mapped.bytes[range]))
        }
    }
}
