import DataFiles

/// A tensor's entry in the header of a GGUF file.
struct GGUFTensorEntry {
    let name: String
    /// The sizes of the axes, slowest first, each above 0.
    let shape: [Int]
    let type: TensorType
    /// Where the data begin, counted from the start of all tensors' data.
    let offset: UInt64

    /// Reads the entry at the cursor.
    init(_ cursor: inout ByteCursor) throws {
        let name = try cursor.readString(what: "a tensor's name")
        let rank = try cursor.read(UInt32.self, what: "the rank of \(name)")
        guard rank >= 1, rank <= 4 else { throw cursor.error("the tensor \(name) with \(rank) dimensions") }
        var shape: [Int] = []
        for _ in 0..<rank {
            let size = try cursor.read(UInt64.self, what: "the shape of \(name)")
            guard size > 0, size < 1 << 40 else { throw cursor.error("a dimension of \(size) in \(name)") }
            shape.insert(Int(size), at: 0)
        }
        self.name = name
        self.shape = shape
        type = TensorType(ggmlNumber: try cursor.read(UInt32.self, what: "the type of \(name)"))
        offset = try cursor.read(UInt64.self, what: "the offset of \(name)")
    }

    /// Finds the data in the file, and checks that they don't reach past its end.
    ///
    /// - Parameters:
    ///   - dataStart: where the data of all tensors begin.
    ///   - next: the smallest offset of another tensor above this one's. If the size of the type's elements isn't
    ///     known, the data reach up to there.
    func tensor(in file: MappedFile, dataStart: Int, next: UInt64?) throws -> StoredTensor {
        let place = "\(file.path): tensor \(name)"
        let bytes = try byteCount(place)
        let start = UInt64(dataStart).addingReportingOverflow(offset)
        guard !start.overflow, start.partialValue < UInt64(file.count) else { throw pastTheEnd(of: file, place) }
        let first = Int(start.partialValue)
        let left = file.count - first
        let length = bytes ?? next.flatMap { Int(exactly: $0 - offset) }.map { min($0, left) } ?? left
        guard length <= left else { throw pastTheEnd(of: file, place) }
        return StoredTensor(name: name, shape: shape, type: type, file: file, range: first..<(first + length))
    }

    /// The size of the data, checked; nil if the size of the type's elements isn't known.
    private func byteCount(_ place: String) throws -> Int? {
        var count = 1
        for size in shape {
            let (product, overflows) = count.multipliedReportingOverflow(by: size)
            guard !overflows else { throw absurdShape(place) }
            count = product
        }
        guard let block = type.block else { return nil }
        let columns = shape.last ?? 1
        guard columns % block.elements == 0 else {
            throw InputError.badData(
                "rows of \(columns) weights, which is no multiple of the \(block.elements) in a block of \(type.name)",
                in: place, remedy: "fetch or convert the model again")
        }
        guard let bytes = type.byteCount(count) else { throw absurdShape(place) }
        return bytes
    }

    private func absurdShape(_ place: String) -> InputError {
        .badData("an impossible shape \(shape)", in: place, remedy: "fetch or convert the model again")
    }

    private func pastTheEnd(of file: MappedFile, _ place: String) -> InputError {
        .badData(
            "data that reach past the end of the file (\(file.count) bytes: is it truncated?)", in: place,
            remedy: "fetch the model again")
    }
}
