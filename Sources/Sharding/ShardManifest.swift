import DataFiles
import Foundation

/// The record in a shard's folder, `shard.json`.
public struct ShardManifest: Sendable, Equatable {
    /// The value of the field `format`.
    public static let format = "headsteer.shard/1"
    /// The file's name.
    public static let fileName = "shard.json"

    /// The command that made the shard, such as `search`.
    public var command: String
    /// The command's arguments, without the output folder, the shard's number and the number of threads.
    public var arguments: [String]
    /// The shard's number and the number of shards.
    public var shard: Shard
    /// The values that the results depend on, by name: the model's fingerprint, digests of data, options, the seed.
    public var identity: [String: String]
    /// The instruction sets that sums were computed with.
    ///
    /// With other instruction sets, sums round differently.
    public var kernels: String
    /// Whether all parts of the shard are done.
    public var isFinished: Bool

    /// Makes a record from its values.
    public init(
        command: String, arguments: [String], shard: Shard, identity: [String: String], kernels: String,
        isFinished: Bool = false
    ) {
        self.command = command
        self.arguments = arguments
        self.shard = shard
        self.identity = identity
        self.kernels = kernels
        self.isFinished = isFinished
    }

    /// Reads the record in a folder.
    ///
    /// - Throws: `InputError` of the kind `.missingPart` if the folder has no record; another `InputError` that names
    ///   the field that is missing or wrong.
    public init(of folder: URL) throws {
        let url = folder.appending(path: Self.fileName)
        guard FileManager.default.fileExists(atPath: url.path(percentEncoded: false)) else {
            throw InputError(
                .missingPart, "no \(Self.fileName)", in: folder.path(percentEncoded: false),
                remedy: "give folders that a command with --shard wrote")
        }
        let json = try JSONObject(contentsOf: url)
        let format = try json.required("format", json.string)
        guard format == Self.format else {
            throw InputError(
                .unsupported, "the format \(format)", in: "\(json.place): format",
                remedy: "this version reads \(Self.format)")
        }
        try json.checkFields(Fields.CodingKeys.allCases.map(\.rawValue))
        command = try json.required("command", json.string)
        arguments = try json.required("arguments", json.strings)
        guard let shard = Shard(try json.required("shard", json.string)) else {
            throw json.wrong("shard", "a shard such as 1/8")
        }
        self.shard = shard
        let identity = try json.required("identity", json.object)
        var values: [String: String] = [:]
        // Two names with different bytes can be the same text.
        for key in identity.keys {
            guard values.updateValue(try identity.required(key, identity.string), forKey: key) == nil else {
                throw identity.wrong(key, "a name of its own")
            }
        }
        self.identity = values
        kernels = try json.required("kernels", json.string)
        isFinished = try json.required("finished", json.bool)
    }

    /// Writes the record to a folder.
    ///
    /// - Throws: `InputError` if the record can't be written.
    public func write(to folder: URL) throws {
        let fields = Fields(
            command: command, arguments: arguments, shard: shard.description, identity: identity, kernels: kernels,
            finished: isFinished)
        try AtomicOutput.write(
            try JSONEncoder.indented.encode(fields), to: folder.appending(path: Self.fileName))
    }

    /// The names that differ between two shards' identities, with both values; empty if both are shards of the same
    /// work.
    public func differences(from other: [String: String]) -> [(name: String, own: String, other: String)] {
        Set(identity.keys).union(other.keys).sorted().compactMap { name in
            let (own, other) = (identity[name] ?? "none", other[name] ?? "none")
            return own == other ? nil : (name, own, other)
        }
    }

    /// A digest of the identity, which is the same for all shards of the same work.
    public var key: String {
        identity.sorted { $0.key < $1.key }.reduce(into: FNV1a()) { $0.append("\($1.key)\t\($1.value)\n".utf8) }.text
    }

    private struct Fields: Encodable {
        var format = ShardManifest.format
        var about = "a share of some work; headsteer merge puts all of them together"
        var command: String
        var arguments: [String]
        var shard: String
        var identity: [String: String]
        var kernels: String
        var finished: Bool

        enum CodingKeys: String, CodingKey, CaseIterable {
            case format, about, command, arguments, shard, identity, kernels, finished
        }
    }
}
