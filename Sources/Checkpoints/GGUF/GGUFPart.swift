import DataFiles
import Foundation

/// One file of a GGUF model: the whole model, or one of several.
///
/// The format: the magic `GGUF`, the version, the numbers of tensors and keys, and the keys with their values; then the
/// tensors' names, dimensions (fastest first), types and offsets; then, aligned, the tensors' data.
struct GGUFPart {
    let file: MappedFile
    let version: Int
    let metadata: GGUFMetadata
    /// The tensors, in the order of the file.
    let tensors: [StoredTensor]

    /// Reads everything before the tensors' data; O(metadata).
    init(_ file: MappedFile) throws {
        var cursor = ByteCursor(file.bytes, path: file.path)
        guard file.count >= 4, try cursor.read(UInt32.self, what: "the magic") == 0x4655_4747 else {
            throw InputError.badData(
                "no GGUF file (it doesn't begin with GGUF)", in: file.path, remedy: "give a .gguf model")
        }
        let version = try cursor.read(UInt32.self, what: "the version")
        guard version == 2 || version == 3 else {
            throw cursor.error("GGUF version \(version)", remedy: "convert the model to version 3, little-endian")
        }
        let tensorCount = try cursor.read(UInt64.self, what: "the tensor count")
        let keyCount = try cursor.read(UInt64.self, what: "the key count")

        var metadata = GGUFMetadata(path: file.path)
        var keysLeft = keyCount
        while keysLeft > 0 {
            let key = try cursor.readString(what: "a key")
            guard metadata.add(try cursor.readValue(key: key, file: file), for: key) else {
                throw cursor.error("the key \(key) a second time")
            }
            keysLeft -= 1
        }

        let alignment = try metadata.integer("general.alignment") ?? 32
        guard alignment > 0, alignment <= 1 << 20, alignment & (alignment - 1) == 0 else {
            throw InputError.badData(
                "an alignment of \(alignment)", in: "\(file.path): general.alignment",
                remedy: "fetch or convert the model again")
        }
        self.file = file
        self.version = Int(version)
        self.metadata = metadata
        tensors = try Self.readTensors(&cursor, count: tensorCount, alignment: alignment, file: file)
    }

    private static func readTensors(
        _ cursor: inout ByteCursor, count: UInt64, alignment: Int, file: MappedFile
    ) throws -> [StoredTensor] {
        var entries: [GGUFTensorEntry] = []
        var names: Set<String> = []
        var left = count
        while left > 0 {
            let entry = try GGUFTensorEntry(&cursor)
            guard names.insert(entry.name).inserted else {
                throw cursor.error("the tensor \(entry.name) a second time")
            }
            entries.append(entry)
            left -= 1
        }
        let dataStart = (cursor.offset + alignment - 1) / alignment * alignment
        var next: [UInt64: UInt64] = [:]
        let offsets = entries.map(\.offset).sorted()
        for (offset, following) in zip(offsets, offsets.dropFirst()) where offset < following {
            next[offset] = following
        }
        return try entries.map { try $0.tensor(in: file, dataStart: dataStart, next: next[$0.offset]) }
    }
}
