import DataFiles
import Foundation
import TensorCore

/// A model as GGUF (versions 2 and 3) in one file or in several, mapped into memory.
///
/// Metadata is read at once, arrays in it and tensors when they are used. A model in several files is opened by the path of
/// the first, `NAME-00001-of-00003.gguf`; the others lie beside it. Its metadata is that of the first.
public struct GGUFFile: Sendable {
    /// The file, or the first of several.
    public let url: URL
    /// The version of the format.
    public let version: Int
    /// Keys and values of the first file.
    public let metadata: GGUFMetadata
    /// All tensors, in the order of the files. Those that are no weights or of an unknown type are among them.
    public let tensors: [StoredTensor]
    /// The files that the model is in; most have one.
    public let files: [MappedFile]

    /// Opens a model; O(metadata).
    ///
    /// - Throws: `InputError` of the kind `.missingFile` where it or a part of it is missing, or `.badData` with the byte
    ///   or the key at which a file is wrong.
    public init(contentsOf url: URL) throws {
        let first = try GGUFPart(contentsOf: url)
        var parts = [first]
        if let split = try GGUFSplit(first) { parts = try split.parts(after: first) }
        self.url = url
        version = first.version
        metadata = first.metadata
        tensors = parts.flatMap(\.tensors)
        files = parts.map(\.file)
    }
}
