import DataFiles

/// A metadata value in a mapped file that can be written to another file without being decoded: a vocabulary, or a
/// tensor's data as an array of bytes.
public struct GGUFStoredValue: Sendable, Equatable {
    /// The number of the value's type in the format.
    let type: UInt32
    /// The bytes to write before those of the file.
    let prefix: [UInt8]
    let file: MappedFile
    let range: Range<Int>

    init(type: UInt32, prefix: [UInt8] = [], file: MappedFile, range: Range<Int>) {
        self.type = type
        self.prefix = prefix
        self.file = file
        self.range = range
    }

    /// A tensor's data as they are stored, written as an array of `UInt8`.
    public init(dataOf tensor: StoredTensor) {
        var prefix: [UInt8] = []
        prefix.append(littleEndian: GGUFValueType.uint8.rawValue)
        prefix.append(littleEndian: UInt64(tensor.range.count))
        self.init(
            type: GGUFValueType.array.rawValue, prefix: prefix, file: tensor.file, range: tensor.range)
    }

    /// The file and range of the elements of an array of `UInt8`; nil for any other value.
    public var byteElements: (file: MappedFile, range: Range<Int>)? {
        let head = 12
        guard prefix.isEmpty, type == GGUFValueType.array.rawValue, range.count >= head else { return nil }
        let elementType = file.bytes.loadUnaligned(fromByteOffset: range.lowerBound, as: UInt32.self)
        guard UInt32(littleEndian: elementType) == GGUFValueType.uint8.rawValue else { return nil }
        return (file, (range.lowerBound + head)..<range.upperBound)
    }

    public static func == (first: GGUFStoredValue, second: GGUFStoredValue) -> Bool {
        first.type == second.type && first.prefix == second.prefix && first.file === second.file
            && first.range == second.range
    }
}

extension GGUFFile {
    /// All metadata as they are stored, in the order of the file, so that a `GGUFWriter` can write the same bytes
    /// again.
    ///
    /// For a model in several files, the keys that describe the split are left out, because a writer writes one file.
    ///
    /// - Throws: `InputError` if the file has changed since it was opened.
    /// - Complexity: O(metadata); nothing is copied.
    public func storedMetadata() throws -> [(key: String, value: GGUFStoredValue)] {
        let file = files[0]
        var cursor = ByteCursor(file.bytes, path: file.path)
        _ = try cursor.skip(16, what: "the header")
        var result: [(key: String, value: GGUFStoredValue)] = []
        var left = try cursor.read(UInt64.self, what: "the key count")
        while left > 0 {
            let key = try cursor.readString(what: "a key")
            let start = cursor.offset
            _ = try cursor.readValue(key: key, file: file)
            left -= 1
            if files.count > 1, GGUFSplit.keys.contains(key) { continue }
            let type = UInt32(littleEndian: file.bytes.loadUnaligned(fromByteOffset: start, as: UInt32.self))
            result.append((key, GGUFStoredValue(type: type, file: file, range: (start + 4)..<cursor.offset)))
        }
        return result
    }
}

extension GGUFWriter.Tensor {
    /// Copies a tensor of another file, with its data as they are stored there.
    public init(copying tensor: StoredTensor, name: String? = nil) {
        self.init(
            name: name ?? tensor.name, shape: tensor.shape, type: tensor.type, byteCount: tensor.range.count
        ) { emit in try writing(from: tensor.file) { try emit(tensor.bytes) } }
    }
}
