import DataFiles
import Foundation
import Sealing

/// The files of a model, before any of them is interpreted.
public enum ModelFiles: Sendable {
    /// The file that opens the model, and the folder of any other files.
    case file(MappedFile, in: any FileFolder)
    /// A folder that contains the model.
    case folder(any FileFolder)

    /// Finds the files of the model at a path: a file, a folder, or a sealed model, which is decrypted.
    ///
    /// - Parameters:
    ///   - threads: how many threads decrypt.
    ///   - key: returns the key; it is called only for a sealed model.
    /// - Throws: `InputError` of the kind `.missingFile`, `.usage` for a sealed model without a key, or `.badData` if
    ///   the model can't be opened with the key.
    public init(
        contentsOf url: URL, threads: Int = ProcessInfo.processInfo.activeProcessorCount,
        key: () throws -> SealingKey? = { nil }
    ) throws {
        let path = url.path(percentEncoded: false)
        guard FileManager.default.fileExists(atPath: path) else {
            throw InputError.missingFile(
                path, remedy: "give the path of a .gguf file or of a folder with config.json and *.safetensors")
        }
        if url.isFolder {
            self = .folder(DiskFolder(url))
            return
        }
        let file = try MappedFile(contentsOf: url)
        guard SealedModel.isSealed(file) else {
            self = .file(file, in: DiskFolder(url.deletingLastPathComponent()))
            return
        }
        guard let key = try key() else {
            throw InputError.usage(
                "\(path) is a sealed model, and no key was given",
                remedy: "give the file of its key with --key-file or in HEADSTEER_KEY_FILE")
        }
        let sealed = try SealedModel(file, key: key, threads: threads)
        self = try sealed.model.map { .file(try sealed.file($0), in: sealed) } ?? .folder(sealed)
    }

    /// The sealed model that contains the files, if any.
    public var sealedModel: SealedModel? {
        switch self {
        case .file(_, let folder), .folder(let folder): folder as? SealedModel
        }
    }
}
