import Checkpoints
import DataFiles
import Foundation

/// A Hugging Face folder's weights to be rewritten, with some tensors replaced, added or left out.
struct WeightFolder {
    /// A tensor that is new or different in the new folder.
    struct Tensor {
        var name: String
        var type: String
        var shape: [Int]
        var byteCount: Int
        var content: SafetensorsWriter.Content
    }

    let source: HuggingFaceFolder
    /// Tensors to replace, by name.
    var replaced: [String: Tensor] = [:]
    /// Tensors to add, by the name of a tensor in the same file.
    var added: [String: [Tensor]] = [:]
    var removed: Set<String> = []

    init(_ source: HuggingFaceFolder) { self.source = source }

    static let indexName = "model.safetensors.index.json"

    /// The text of the shard index; nil if the weights are in one file.
    func indexText() throws -> String? {
        let url = source.url.appending(path: Self.indexName)
        guard FileManager.default.fileExists(atPath: url.path(percentEncoded: false)) else { return nil }
        return try TextFile.contents(url)
    }

    /// Writes all weights, and the index if the source has one.
    func write(to folder: URL) throws {
        let index = try indexText()
        var map: [(name: String, file: String)] = []
        var size = 0
        for file in source.files {
            // A single file can have any name if it is the only one, which is no longer the case here.
            let name = index == nil ? "model.safetensors" : file.file.url.lastPathComponent
            var writer = SafetensorsWriter(metadata: file.metadata)
            for entry in file.entries where !removed.contains(entry.name) {
                let new = replaced[entry.name]
                if let new { writer.add(new) } else { writer.add(copying: entry, of: file) }
                size += new?.byteCount ?? entry.range.count
                map.append((entry.name, name))
                for tensor in added[entry.name] ?? [] {
                    writer.add(tensor)
                    size += tensor.byteCount
                    map.append((tensor.name, name))
                }
            }
            try writer.write(to: folder.appending(path: name))
        }
        guard let index else { return }
        let text = try Self.index(index, map: map, size: size, file: source.url.appending(path: Self.indexName))
        try AtomicOutput.write(Data(text.utf8), to: folder.appending(path: Self.indexName))
    }

    /// The index with a new map and size.
    private static func index(
        _ text: String, map: [(name: String, file: String)], size: Int, file: URL
    ) throws -> String {
        let path = file.path(percentEncoded: false)
        let value = try JSONValue(parsing: Data(text.utf8), file: path)
        var fields = JSONFields()
        for (name, file) in map.sorted(by: { $0.name < $1.name }) {
            _ = fields.append(name, JSONValue(.string(file), line: 1))
        }
        var metadata = JSONValue(.object(JSONFields()), line: 1)
        if case .object(let top) = value.content, let old = top["metadata"] { metadata = old }
        let sizeValue = try JSONValue(parsing: Data("\(size)".utf8), file: path)
        return try value.setting("metadata", metadata.setting("total_size", sizeValue.content).content)
            .setting("weight_map", .object(fields)).text() + "\n"
    }
}

extension SafetensorsWriter {
    mutating func add(_ tensor: WeightFolder.Tensor) {
        add(tensor.name, type: tensor.type, shape: tensor.shape, byteCount: tensor.byteCount, content: tensor.content)
    }
}

/// Small text files, read as a whole.
enum TextFile {
    /// - Throws: `InputError` if there is no readable file, or if it is not UTF-8.
    static func contents(_ url: URL) throws -> String {
        let path = url.path(percentEncoded: false)
        guard let text = String(validating: try MappedFile.contents(of: url), as: UTF8.self) else {
            throw InputError(.unreadable, "bytes that are not UTF-8", in: path, remedy: "save the file as UTF-8")
        }
        return text
    }
}
