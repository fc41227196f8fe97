import DataFiles
import Foundation

/// A model as Hugging Face stores it: `config.json` and safetensors weights, in one file or in shards.
public struct HuggingFaceFolder: Sendable {
    /// Where the files are.
    public let folder: any FileFolder
    /// The content of `config.json`.
    public let configuration: JSONObject
    /// The weights' files: `model.safetensors`, or the shards that `model.safetensors.index.json` names.
    public let files: [SafetensorsFile]
    private let fileOfTensor: [String: Int]

    /// Opens a folder; O(headers).
    ///
    /// Uses the index if there is one, otherwise `model.safetensors`, otherwise the folder's only `*.safetensors`.
    ///
    /// - Throws: `InputError` of the kind `.missingFile` or `.badData`.
    public init(contentsOf url: URL) throws { try self.init(DiskFolder(url)) }

    /// Opens a folder; see ``init(contentsOf:)``.
    public init(_ folder: any FileFolder) throws {
        self.folder = folder
        self.configuration = try folder.object("config.json")
        var files: [SafetensorsFile] = []
        var fileOfTensor: [String: Int] = [:]
        for name in try Self.weightFiles(in: folder) {
            let file = try SafetensorsFile(folder.file(name))
            for entry in file.entries {
                guard fileOfTensor.updateValue(files.count, forKey: entry.name) == nil else {
                    throw InputError.badData(
                        "the tensor \(entry.name), which another file has too", in: file.file.path,
                        remedy: "remove files that don't belong to the model")
                }
            }
            files.append(file)
        }
        self.files = files
        self.fileOfTensor = fileOfTensor
    }

    /// The folder.
    public var url: URL { folder.url }
    /// The folder's path, for messages.
    public var path: String { folder.path }

    /// The names of all tensors, sorted.
    public var tensorNames: [String] { fileOfTensor.keys.sorted() }

    /// The tensor with that name, of any type, if there is one.
    public func tensor(_ name: String) throws -> StoredTensor? {
        try fileOfTensor[name].map { try files[$0].tensor(name) }
    }

    /// The tensor with that name as weights, if there is one.
    ///
    /// - Throws: `InputError` if its type is not F32, F16 or BF16.
    public func weights(_ name: String) throws -> StoredTensor? {
        try fileOfTensor[name].map { try files[$0].weights(name) }
    }

    private static func weightFiles(in folder: any FileFolder) throws -> [String] {
        if folder.has("model.safetensors.index.json") {
            let object = try folder.object("model.safetensors.index.json")
            guard let map = try object.object("weight_map") else { throw object.missing("weight_map") }
            var names: Set<String> = []
            for key in map.keys {
                guard let name = try map.string(key), !name.isEmpty, !name.contains("/"), !name.hasPrefix(".") else {
                    throw map.wrong(key, "the name of a file in the same folder")
                }
                names.insert(name)
            }
            return names.sorted()
        }
        if folder.has("model.safetensors") { return ["model.safetensors"] }
        let all = ((try? folder.names) ?? []).filter { $0.hasSuffix(".safetensors") }
        guard all.count == 1 else {
            throw InputError.missingFile(
                folder.path(of: "model.safetensors"),
                remedy: "give a folder with model.safetensors, or with model.safetensors.index.json and its shards")
        }
        return all
    }
}
