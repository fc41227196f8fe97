import DataFiles
import Foundation

/// Writes float32 tensors as a safetensors file that any reader of the format opens.
public struct SafetensorsWriter {
    private struct Entry {
        var name: String
        var shape: [Int]
        var values: [Float]
    }
    private var entries: [Entry] = []
    /// Strings to store under `__metadata__`.
    public var metadata: [String: String]

    public init(metadata: [String: String] = [:]) { self.metadata = metadata }

    /// Adds a tensor.
    ///
    /// - Parameters:
    ///   - shape: the sizes of the axes, slowest first; their product is the number of values.
    public mutating func add(_ name: String, shape: [Int], _ values: [Float]) {
        precondition(
            shape.reduce(1, *) == values.count,
            "The tensor \(name) of the shape \(shape) can't have \(values.count) values.")
        precondition(!entries.contains { $0.name == name }, "The file already has a tensor named \(name).")
        entries.append(Entry(name: name, shape: shape, values: values))
    }

    /// Writes the file beside its place and renames it; the tensors in the order in which they were added.
    ///
    /// - Throws: `InputError` where the folder can't be written to.
    public func write(to url: URL) throws {
        try AtomicOutput.write(to: url) { file in
            try file.write(contentsOf: header())
            for entry in entries {
                try entry.values.withUnsafeBytes { bytes in
                    // In pieces, so that a large tensor is not in memory twice.
                    var start = 0
                    while start < bytes.count {
                        let end = min(start + 1 << 24, bytes.count)
                        try file.write(contentsOf: Data(bytes[start..<end]))
                        start = end
                    }
                }
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
            let end = offset + entry.values.count * 4
            let shape = entry.shape.map(String.init).joined(separator: ",")
            parts.append(
                "\(try quoted(entry.name)):{\"dtype\":\"F32\",\"shape\":[\(shape)],\"data_offsets\":[\(offset),\(end)]}"
            )
            offset = end
        }
        var text = Data("{\(parts.joined(separator: ","))}".utf8)
        // Spaces at the end align the data, as the reference writer does.
        while text.count % 8 != 0 { text.append(0x20) }
        var length = UInt64(text.count).littleEndian
        return withUnsafeBytes(of: &length) { Data($0) } + text
    }

    private func quoted(_ string: String) throws -> String {
        String(decoding: try JSONEncoder().encode(string), as: UTF8.self)
    }
}
