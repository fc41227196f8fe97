import DataFiles
import Foundation
import TensorCore

/// Writes a GGUF file (version 3, little-endian).
///
/// The file holds metadata and tensors in the order in which they are listed here, so equal values give equal bytes.
/// The tensors' data are requested one tensor at a time while the file is written, so a model doesn't need to fit in
/// memory.
///
/// ```swift
/// let writer = GGUFWriter(
///     metadata: [("general.architecture", .string("llama"))],
///     tensors: [.init(name: "output_norm.weight", shape: [64], format: .f32, bytes: bytes)])
/// try writer.write(to: url)
/// ```
///
/// Format: <https://github.com/ggml-org/ggml/blob/master/docs/gguf.md>.
public struct GGUFWriter: Sendable {
    /// A tensor to be written.
    public struct Tensor: Sendable {
        /// Its name in the file.
        public let name: String
        /// The sizes of the axes, slowest first, as in `StoredTensor`; the file holds them fastest first.
        public let shape: [Int]
        /// How its values are stored.
        public let type: TensorType
        fileprivate let typeNumber: UInt32
        /// Passes the data to its argument, in any number of pieces.
        public let content: @Sendable (_ emit: (UnsafeRawBufferPointer) throws -> Void) throws -> Void
        /// The number of bytes that `content` has to produce.
        public let byteCount: Int

        /// A tensor whose data are produced while the file is written.
        ///
        /// - Parameters:
        ///   - shape: 1 to 4 positive sizes, slowest first; the last one is a multiple of the format's block.
        ///   - content: calls `emit` with the data in the file's encoding, in order; the total must be the number of
        ///     bytes that shape and format take.
        /// - Precondition: one to four axes with positive sizes; each row, and so the tensor, is made of whole blocks.
        public init(
            name: String, shape: [Int], format: WeightFormat,
            content: @escaping @Sendable (_ emit: (UnsafeRawBufferPointer) throws -> Void) throws -> Void
        ) {
            precondition((1...4).contains(shape.count), "A GGUF tensor has one to four axes.")
            precondition(shape.allSatisfy { $0 > 0 }, "The sizes of a tensor's axes are positive.")
            precondition(
                shape[shape.count - 1] % format.weightsPerBlock == 0, "A row of a tensor is made of whole blocks.")
            guard let byteCount = format.byteCount(weights: shape.reduce(1, *)) else {
                preconditionFailure("A tensor is made of whole blocks.")
            }
            self.init(
                name: name, shape: shape, type: TensorType(format), byteCount: byteCount, content: content)
        }

        /// A tensor of any type in GGUF, whose size the caller knows.
        init(
            name: String, shape: [Int], type: TensorType, byteCount: Int,
            content: @escaping @Sendable (_ emit: (UnsafeRawBufferPointer) throws -> Void) throws -> Void
        ) {
            guard let typeNumber = type.ggmlNumber else { preconditionFailure("GGUF has no type \(type.name).") }
            self.name = name
            self.shape = shape
            self.type = type
            self.typeNumber = typeNumber
            self.content = content
            self.byteCount = byteCount
        }

        /// A tensor whose data are already in memory.
        ///
        /// - Precondition: `bytes` has the size that shape and format take.
        public init(name: String, shape: [Int], format: WeightFormat, bytes: [UInt8]) {
            self.init(name: name, shape: shape, format: format) { emit in try bytes.withUnsafeBytes(emit) }
            precondition(bytes.count == byteCount, "The data have the size that shape and format make.")
        }
    }

    /// Keys and values, in the order of the file.
    ///
    /// The writer adds `general.alignment` if it isn't 32 and not among them.
    public var metadata: [(key: String, value: GGUFWriterValue)]
    /// The tensors, in the order of the file.
    public var tensors: [Tensor]
    /// The offset of every tensor's data is a multiple of this: a power of two, 32 (the format's default) or more.
    public var alignment: Int

    /// - Parameters:
    ///   - metadata: each key once.
    ///   - tensors: each name once.
    public init(metadata: [(key: String, value: GGUFWriterValue)], tensors: [Tensor], alignment: Int = 32) {
        self.metadata = metadata
        self.tensors = tensors
        self.alignment = alignment
    }

    /// Writes the file under a temporary name beside `url`, and then renames it; O(bytes).
    ///
    /// Only the metadata and what `content` holds at a time are in memory.
    ///
    /// - Throws: what `AtomicOutput.write` throws, and what a tensor's `content` throws. In that case no new file is
    ///   left, and a file that was at `url` before is unchanged.
    /// - Precondition: each tensor's content has the size that its shape and format take.
    public func write(to url: URL) throws {
        let entries = self.entries()
        try AtomicOutput.write(to: url) { file in
            var output = AlignedOutput(file: file, alignment: alignment)
            try writeHeader(entries, to: &output)
            try output.pad()
            for tensor in tensors {
                let start = output.count
                try tensor.content { try output.write($0) }
                precondition(
                    output.count - start == tensor.byteCount,
                    "The content of \(tensor.name) has the size that shape and format make.")
                try output.pad()
            }
        }
    }

    /// The metadata to write, checked.
    private func entries() -> [(key: String, value: GGUFWriterValue)] {
        precondition(
            alignment >= 32 && alignment & (alignment - 1) == 0, "The alignment is a power of two of 32 or more.")
        var entries = metadata
        if alignment != 32, !entries.contains(where: { $0.key == "general.alignment" }) {
            entries.append(("general.alignment", .uint32(UInt32(alignment))))
        }
        precondition(Set(entries.map(\.key)).count == entries.count, "Each metadata key is given once.")
        precondition(Set(tensors.map(\.name)).count == tensors.count, "Each tensor's name is given once.")
        return entries
    }

    /// Writes everything before the tensors' data, without the padding.
    private func writeHeader(
        _ entries: [(key: String, value: GGUFWriterValue)], to output: inout AlignedOutput
    ) throws {
        var bytes = Array("GGUF".utf8)
        bytes.append(littleEndian: UInt32(3))
        bytes.append(littleEndian: UInt64(tensors.count))
        bytes.append(littleEndian: UInt64(entries.count))
        for (key, value) in entries {
            bytes.append(lengthPrefixed: key)
            value.append(to: &bytes)
            guard case .stored(let stored) = value else { continue }
            try bytes.withUnsafeBytes { try output.write($0) }
            bytes.removeAll(keepingCapacity: true)
            try writing(from: stored.file) {
                try output.write(UnsafeRawBufferPointer(rebasing: stored.file.bytes[stored.range]))
            }
        }
        var offset = 0
        for tensor in tensors {
            bytes.append(lengthPrefixed: tensor.name)
            bytes.append(littleEndian: UInt32(tensor.shape.count))
            for size in tensor.shape.reversed() { bytes.append(littleEndian: UInt64(size)) }
            bytes.append(littleEndian: tensor.typeNumber)
            bytes.append(littleEndian: UInt64(offset))
            offset += (tensor.byteCount + alignment - 1) / alignment * alignment
        }
        try bytes.withUnsafeBytes { try output.write($0) }
    }
}

/// A file that counts the bytes written to it, so that the next tensor can begin at a multiple of the alignment.
private struct AlignedOutput {
    let file: FileHandle
    let alignment: Int
    var count = 0

    /// The most bytes that one system call is asked to write; the system may refuse more than 2³¹.
    private static let pieceSize = 1 << 26

    mutating func write(_ bytes: UnsafeRawBufferPointer) throws {
        guard let base = bytes.baseAddress else { return }
        var start = 0
        while start < bytes.count {
            let length = min(Self.pieceSize, bytes.count - start)
            let data = Data(
                bytesNoCopy: UnsafeMutableRawPointer(mutating: base + start), count: length, deallocator: .none)
            try file.write(contentsOf: data)
            start += length
        }
        count += bytes.count
    }

    mutating func pad() throws {
        let padding = (alignment - count % alignment) % alignment
        try [UInt8](repeating: 0, count: padding).withUnsafeBytes { try write($0) }
    }
}
