import DataFiles
import Foundation
import TensorCore

/// A GGUF file (versions 2 and 3), mapped into memory.
///
/// Metadata is read at once, arrays in it and tensors when they are used. The format: the magic `GGUF`, the version,
/// the counts of tensors and keys, the keys with their values, the tensors' names, dimensions (fastest first), types
/// and offsets, then, aligned, the tensors' data.
public struct GGUFFile: Sendable {
    public let url: URL
    public let version: Int
    public let metadata: GGUFMetadata
    /// The tensors, in the order of the file.
    public let tensors: [StoredTensor]

    /// Opens a file; O(metadata).
    ///
    /// - Throws: `InputError` of the kind `.missingFile`, or `.badData` with the byte at which the file is wrong.
    public init(contentsOf url: URL) throws {
        let file = try MappedFile(contentsOf: url)
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
        self.url = url
        self.version = Int(version)
        self.metadata = metadata
        self.tensors = try Self.readTensors(&cursor, count: tensorCount, alignment: alignment, file: file)
    }

    private static func readTensors(
        _ cursor: inout ByteCursor, count: UInt64, alignment: Int, file: MappedFile
    ) throws -> [StoredTensor] {
        struct Entry {
            var name: String
            var shape: [Int]
            var format: WeightFormat
            var offset: UInt64
        }
        var entries: [Entry] = []
        var names: Set<String> = []
        var left = count
        while left > 0 {
            let name = try cursor.readString(what: "a tensor's name")
            guard names.insert(name).inserted else { throw cursor.error("the tensor \(name) a second time") }
            let rank = try cursor.read(UInt32.self, what: "the rank of \(name)")
            guard rank >= 1, rank <= 4 else { throw cursor.error("the tensor \(name) with \(rank) dimensions") }
            var shape: [Int] = []
            for _ in 0..<rank {
                let size = try cursor.read(UInt64.self, what: "the shape of \(name)")
                guard size > 0, size < 1 << 40 else { throw cursor.error("a dimension of \(size) in \(name)") }
                shape.insert(Int(size), at: 0)
            }
            let type = try cursor.read(UInt32.self, what: "the type of \(name)")
            guard let format = WeightFormat(rawValue: type) else {
                let known = WeightFormat.allCases.map(\.name).joined(separator: " ")
                throw cursor.error(
                    "the tensor \(name) of type \(type), which is not supported",
                    remedy: "convert it to one of \(known)")
            }
            let offset = try cursor.read(UInt64.self, what: "the offset of \(name)")
            entries.append(Entry(name: name, shape: shape, format: format, offset: offset))
            left -= 1
        }
        let start = (cursor.offset + alignment - 1) / alignment * alignment
        return try entries.map { entry in
            try StoredTensor(
                name: entry.name, shape: entry.shape, format: entry.format, file: file,
                offset: UInt64(start).addingReportingOverflow(entry.offset))
        }
    }
}
