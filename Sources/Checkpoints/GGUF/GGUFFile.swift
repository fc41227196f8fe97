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
    /// Where the files lie.
    public let folder: any FileFolder
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
        try self.init(MappedFile(contentsOf: url), in: DiskFolder(url.deletingLastPathComponent()))
    }

    /// Opens a model of which one file is at hand; see ``init(contentsOf:)``.
    ///
    /// - Parameters:
    ///   - file: the model's file, or the first of several.
    ///   - folder: where the others are.
    public init(_ file: MappedFile, in folder: any FileFolder) throws {
        let first = try GGUFPart(file)
        var parts = [first]
        if let split = try GGUFSplit(first) { parts = try split.parts(after: first, in: folder) }
        url = file.url
        self.folder = folder
        version = first.version
        metadata = first.metadata
        tensors = parts.flatMap(\.tensors)
        files = parts.map(\.file)
    }
}
