import DataFiles
import Foundation

/// Writes tensors as a safetensors file that any reader of the format can open.
public struct SafetensorsWriter {
    /// Passes a tensor's data to its argument, in any number of pieces.
    public typealias Content = (_ emit: (UnsafeRawBufferPointer) throws -> Void) throws -> Void

    private struct Entry {
        var name: String
        var type: String
        var shape: [Int]
        var byteCount: Int
        var content: Content
    }
    private var entries: [Entry] = []
    private var names: Set<String> = []
    /// Strings to store under `__metadata__`.
    public var metadata: [String: String]

    /// A file without tensors.
    public init(metadata: [String: String] = [:]) { self.metadata = metadata }

    /// Adds a float32 tensor.
    ///
    /// - Parameters:
    ///   - shape: the sizes of the axes, slowest first; their product is the number of values.
    /// - Precondition: as many values as the shape has.
    public mutating func add(_ name: String, shape: [Int], _ values: [Float]) {
        precondition(
            shape.reduce(1, *) == values.count,
            "The tensor \(name) of the shape \(shape) can't have \(values.count) values.")
        add(name, type: "F32", shape: shape, byteCount: 4 * values.count) { emit in try values.withUnsafeBytes(emit) }
    }

    /// Adds a tensor whose data are produced while the file is written.
    ///
    /// - Parameters:
    ///   - type: the element type as the format spells it: `F32`, `BF16`, `I64`.
    ///   - shape: the sizes of the axes, slowest first.
    ///   - byteCount: the number of bytes that `content` produces: the size that type and shape take.
    ///   - content: calls `emit` with the data, little-endian, in order.
    /// - Precondition: a name that the file doesn't have yet.
    public mutating func add(
        _ name: String, type: String, shape: [Int], byteCount: Int, content: @escaping Content
    ) {
        precondition(names.insert(name).inserted, "The file already has a tensor named \(name).")
        entries.append(Entry(name: name, type: type, shape: shape, byteCount: byteCount, content: content))
    }

    /// Copies a tensor of another file, with its data as they are stored there.
    public mutating func add(copying entry: SafetensorsFile.Entry, of file: SafetensorsFile) {
        let source = file.file
        add(entry.name, type: entry.type, shape: entry.shape, byteCount: entry.range.count) { emit in
            try emit(UnsafeRawBufferPointer(rebasing: source.bytes[entry.range]))
        }
    }

    /// Writes the file under a temporary name beside `url`, and then renames it; the tensors are in the order in which
    /// they were added.
    ///
    /// - Throws: `InputError` if the folder can't be written to, and what a tensor's `content` throws. In that case no
    ///   new file is left, and a file that was at `url` before is unchanged.
    /// - Precondition: each tensor's content has the size that its shape and type take.
    public func write(to url: URL) throws {
        try AtomicOutput.write(to: url) { file in
            try file.write(contentsOf: header())
            for entry in entries {
                var count = 0
                try entry.content { bytes in
                    count += bytes.count
                    // Write in pieces, so that a large tensor is not in memory twice.
                    var start = 0
                    while start < bytes.count {
                        let end = min(start + 1 << 24, bytes.count)
                        try file.write(contentsOf: Data(bytes[start..<end]))
                        start = end
                    }
                }
                precondition(
                    count == entry.byteCount,
                    "The content of \(entry.name) has \(count) bytes instead of \(entry.byteCount).")
            }
        }
    }

    private func header() throws -> Data {
        var parts: [String] = []
        if !metadata.isEmpty {
            let pairs = try metadata.sorted { $0.key < $1.key }.map { "\(try quoted($0.key)):\(try quoted($0.value))" }
            parts.append("\"__metadata__\":{\(pairs.joined(separator: ","))}")
        }
        var offset = 0
        for entry in entries {
            let end = offset + entry.byteCount
            let shape = entry.shape.map(String.init).joined(separator: ",")
            parts.append(
                "\(try quoted(entry.name)):{\"dtype\":\(try quoted(entry.type)),\"shape\":[\(shape)],"
                    + "\"data_offsets\":[\(offset),\(end)]}"
            )
            offset = end
        }
        var text = Data("{\(parts.joined(separator: ","))}".utf8)
        // Spaces at the end align the data, as in the reference writer.
        while text.count % 8 != 0 { text.append(0x20) }
        var length = UInt64(text.count).littleEndian
        return withUnsafeBytes(of: &length) { Data($0) } + text
    }

    private func quoted(_ string: String) throws -> String {
        String(decoding: try JSONEncoder().encode(string), as: UTF8.self)
    }
}
