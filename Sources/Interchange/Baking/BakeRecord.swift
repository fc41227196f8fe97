import Checkpoints
import DataFiles
import Foundation

/// The record in a baked model: the plan, and the data needed to restore the original.
///
/// In a GGUF file, it is metadata under `headsteer.baked.`: `format`, `plan`, `everywhere`, `original-fingerprint`, the
/// names of the tensors `added` and `changed`, and for each changed tensor NAME `original.NAME` (its data as an array
/// of bytes), `original.NAME.type` (the number of ggml's type) and `original.NAME.shape` (slowest axis first). In a
/// folder, it is the file `headsteer-original.safetensors`, which holds the changed tensors' data and has the same keys
/// in its metadata.
public struct BakeRecord: Sendable, Equatable {
    static let format = "headsteer.baked/1"
    static let prefix = "headsteer.baked."
    /// The file in a baked folder that holds the record.
    static let fileName = "headsteer-original.safetensors"

    /// The plan's text.
    public var plan: String
    /// Whether edits of other positions were baked as if they were for all positions.
    public var isEverywhere: Bool
    /// The fingerprint of the model that the edits were baked into.
    public var originalFingerprint: String
    /// The tensors that the original doesn't have.
    public var added: [String] = []
    /// The tensors that differ from those of the original.
    public var changed: [String] = []
    /// The original texts of changed files, by name; only for folders.
    var files: [String: String] = [:]

    init(plan: String, isEverywhere: Bool, originalFingerprint: String) {
        self.plan = plan
        self.isEverywhere = isEverywhere
        self.originalFingerprint = originalFingerprint
    }

    /// The record of a baked model; nil if nothing is baked into it.
    ///
    /// - Throws: `InputError` if there is a broken record.
    public init?(_ checkpoint: Checkpoint) throws {
        switch checkpoint {
        case .gguf(let file):
            let metadata = file.metadata
            guard metadata.keys.contains(where: { $0.hasPrefix(Self.prefix) }) else { return nil }
            try self.init(
                place: metadata.path, string: { try metadata.string($0) },
                strings: { key in
                    guard let value = metadata[key] else { return nil }
                    guard let array = value.array else {
                        throw InputError.badData(
                            "a value that isn't an array", in: "\(metadata.path): \(key)", remedy: Self.remedy)
                    }
                    return try array.strings()
                }, bool: { metadata[$0]?.bool })
        case .huggingFace(let folder):
            guard let file = try Self.file(of: folder) else { return nil }
            let (metadata, place) = (file.metadata, file.file.path)
            try self.init(
                place: place, string: { metadata[$0] },
                strings: { try metadata[$0].map { try Self.list($0, place: place) } },
                bool: { metadata[$0].flatMap { Bool($0) } })
            let start = Self.prefix + "file."
            for (key, text) in metadata where key.hasPrefix(start) { files[String(key.dropFirst(start.count))] = text }
        }
    }

    private init(
        place: String, string: (String) throws -> String?, strings: (String) throws -> [String]?,
        bool: (String) throws -> Bool?
    ) throws {
        func required<Value>(_ name: String, _ read: (String) throws -> Value?) throws -> Value {
            guard let value = try read(Self.prefix + name) else {
                throw InputError(.missingPart, "no \(Self.prefix)\(name)", in: place, remedy: Self.remedy)
            }
            return value
        }
        let format = try required("format", string)
        guard format == Self.format else {
            throw InputError(
                .unsupported,
                "the format \(format) of baked edits", in: "\(place): \(Self.prefix)format",
                remedy: "this version reads \(Self.format)")
        }
        plan = try required("plan", string)
        isEverywhere = try required("everywhere", bool)
        originalFingerprint = try required("original-fingerprint", string)
        added = try required("added", strings)
        changed = try required("changed", strings)
    }

    static let remedy = "bake the original again; it can't be restored from this file"

    /// The record's file in a folder, if there is one.
    static func file(of folder: HuggingFaceFolder) throws -> SafetensorsFile? {
        guard folder.folder.has(fileName) else { return nil }
        return try SafetensorsFile(folder.folder.file(fileName))
    }

    private static func list(_ text: String, place: String) throws -> [String] {
        do {
            return try JSONDecoder().decode([String].self, from: Data(text.utf8))
        } catch {
            throw InputError(
                .unreadable, "a list of tensors that isn't a JSON array of names", in: place, remedy: remedy)
        }
    }
}

// MARK: - Writing

extension BakeRecord {
    /// The record as metadata of a GGUF file, without the original tensors.
    var ggufMetadata: [(key: String, value: GGUFWriterValue)] {
        [
            (Self.prefix + "format", .string(Self.format)), (Self.prefix + "plan", .string(plan)),
            (Self.prefix + "everywhere", .bool(isEverywhere)),
            (Self.prefix + "original-fingerprint", .string(originalFingerprint)),
            (Self.prefix + "added", .stringArray(added)), (Self.prefix + "changed", .stringArray(changed)),
        ]
    }

    /// The metadata that keeps the original of a changed tensor in a GGUF file.
    ///
    /// It isn't stored as a tensor, because llama.cpp rejects tensors that it doesn't know.
    static func metadata(original tensor: StoredTensor) throws -> [(key: String, value: GGUFWriterValue)] {
        let key = prefix + "original." + tensor.name
        return [
            (key, .stored(GGUFStoredValue(dataOf: tensor))), (key + ".type", .uint32(try tensor.format.rawValue)),
            (key + ".shape", .uint32Array(tensor.shape.map { UInt32(clamping: $0) })),
        ]
    }

    /// The record as strings for a safetensors file.
    func strings() throws -> [String: String] {
        func list(_ names: [String]) throws -> String {
            String(decoding: try JSONEncoder().encode(names), as: UTF8.self)
        }
        var result = [
            "format": Self.format, "plan": plan, "everywhere": String(isEverywhere),
            "original-fingerprint": originalFingerprint, "added": try list(added), "changed": try list(changed),
        ]
        for (name, text) in files { result["file." + name] = text }
        return Dictionary(uniqueKeysWithValues: result.map { (Self.prefix + $0, $1) })
    }
}
