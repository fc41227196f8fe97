import DataFiles
import Foundation

/// The way in which a model was turned into the signed list of digests: by files, or by parts of files (`shards`).
struct Serialization: Equatable {
    /// The size of a part in bytes; nil for whole files.
    var partSize: Int?
    /// Whether links to files stood for the files.
    var followsLinks = false
    /// The skipped paths, relative to the model, as they were written.
    var ignored: [String] = []

    /// The name of a digest made in this way.
    var digestName: String { partSize.map { "sha256-sharded-\($0)" } ?? "sha256" }

    init(followsLinks: Bool, ignored: [String]) {
        self.followsLinks = followsLinks
        self.ignored = ignored
    }

    /// Reads the field `serialization`.
    ///
    /// - Throws: `InputError` for an unknown method or hash.
    init(_ object: JSONObject) throws {
        let method = try object.required("method", object.string)
        guard ["files", "shards"].contains(method) else {
            throw InputError.unsupported(
                "the method \(method)", in: object.place, remedy: "sign again with the method files or shards")
        }
        let hash = try object.required("hash_type", object.string)
        guard hash == "sha256" else {
            throw InputError.unsupported(
                "digests by \(hash)", in: object.place, remedy: "sign again with sha256, or verify with model-signing")
        }
        followsLinks = try object.required("allow_symlinks", object.bool)
        ignored = try object.strings("ignore_paths") ?? []
        var known = ["method", "hash_type", "allow_symlinks", "ignore_paths"]
        if method == "shards" {
            known.append("shard_size")
            let size = try object.required("shard_size", object.integer)
            guard size > 0 else { throw object.wrong("shard_size", "a number above 0") }
            partSize = size
        }
        try object.checkFields(known)
    }

    /// The ignored paths that can apply to a file of the model; the others lead out of it.
    var ignoredPaths: [SignedPath] {
        ignored.compactMap { text in
            guard !text.hasPrefix("/") else { return nil }
            let pieces = text.split(separator: "/").map(String.init).filter { $0 != "." }
            return pieces.contains("..") ? nil : SignedPath(pieces)
        }
    }
}
