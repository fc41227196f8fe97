import DataFiles
import Foundation
import TensorCore

/// A GGUF model (version 2 or 3) in one file or in several, mapped into memory.
///
/// Metadata is read at once; arrays in it and tensors are read when they are used. A model in several files is opened
/// by the path of the first one, `NAME-00001-of-00003.gguf`, and the others are in the same folder. The metadata is
/// that of the first file.
public struct GGUFFile: Sendable {
    /// The model's file, or the first of several.
    public let url: URL
    /// Where the files are.
    public let folder: any FileFolder
    /// The version of the format.
    public let version: Int
    /// The keys and values of the first file.
    public let metadata: GGUFMetadata
    /// All tensors in the order of the files, including those that are not weights or have an unknown type.
    public let tensors: [StoredTensor]
    /// The files of the model; most models have one.
    public let files: [MappedFile]

    /// Opens a model; O(metadata).
    ///
    /// - Throws: `InputError` of the kind `.missingFile` if the model or a part of it is missing, or `.badData` with
    ///   the byte or the key at which a file is wrong.
    public init(contentsOf url: URL) throws {
        try self.init(MappedFile(contentsOf: url), in: DiskFolder(url.deletingLastPathComponent()))
    }

    /// Opens a model from a file that is mapped already; see ``init(contentsOf:)``.
    ///
    /// - Parameters:
    ///   - file: the model's file, or the first of several.
    ///   - folder: where the other files are.
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
