import Crypto
import DataFiles
import Foundation
import Sealing
import TensorCore

/// A model on disk: a GGUF file (or several) or a Hugging Face folder.
public enum Checkpoint: Sendable {
    /// A GGUF file, or several.
    case gguf(GGUFFile)
    /// A folder with `config.json` and safetensors.
    case huggingFace(HuggingFaceFolder)

    /// Opens the model at `url`, reading only headers; a sealed model is decrypted into memory.
    ///
    /// - Parameters:
    ///   - key: the key of a sealed model; other models don't need it.
    ///   - threads: how many threads decrypt a sealed model.
    /// - Throws: `InputError` of the kind `.missingFile` or `.badData`; `.usage` for a sealed model without a key.
    public init(
        contentsOf url: URL, key: SealingKey? = nil,
        threads: Int = ProcessInfo.processInfo.activeProcessorCount
    ) throws {
        try self.init(ModelFiles(contentsOf: url, threads: threads) { key })
    }

    /// Opens a model from its files, reading only headers.
    ///
    /// - Throws: `InputError` of the kind `.missingFile` or `.badData`.
    public init(_ files: ModelFiles) throws {
        self =
            switch files {
            case .file(let file, let folder): .gguf(try GGUFFile(file, in: folder))
            case .folder(let folder): .huggingFace(try HuggingFaceFolder(folder))
            }
    }

    /// Where the files are.
    public var folder: any FileFolder {
        switch self {
        case .gguf(let file): file.folder
        case .huggingFace(let folder): folder.folder
        }
    }

    /// The sealed model that the checkpoint was read from, if any.
    public var sealedModel: SealedModel? { folder as? SealedModel }

    /// The path, for messages.
    public var path: String {
        switch self {
        case .gguf(let file): file.metadata.path
        case .huggingFace(let folder): folder.path
        }
    }

    /// All tensors, including those that are not weights, sorted by name.
    public func tensors() throws -> [StoredTensor] {
        switch self {
        case .gguf(let file): file.tensors.sorted { $0.name < $1.name }
        case .huggingFace(let folder): try folder.tensorNames.compactMap { try folder.tensor($0) }
        }
    }

    /// The SHA-256 of the names, shapes, types and contents of all tensors, and of `configuration`: the same whether a
    /// model is in one file or in several.
    ///
    /// Every byte of the weights counts: O(size), about a second for a gigabyte, on the pool's workers.
    ///
    /// - Parameters:
    ///   - configuration: everything else that defines the model, in a fixed spelling.
    ///   - letsPagesGo: whether to drop the file's pages from resident memory again, for models that use copies of the
    ///     weights.
    public func fingerprint(configuration: String, workers: WorkerPool, letsPagesGo: Bool = false) throws -> String {
        let tensors = try tensors()
        let digests = try tensors.concurrentMap(workers) { tensor in
            defer { if letsPagesGo { tensor.file.letGo(of: tensor.bytes) } }
            return SHA256.hash(data: tensor.bytes)
        }
        var all = SHA256()
        all.update(data: Data(configuration.utf8))
        for (tensor, digest) in zip(tensors, digests) {
            all.update(data: Data("\n\(tensor.name) \(tensor.shape) \(tensor.type.name) ".utf8))
            all.update(data: Data(digest))
        }
        return "sha256:" + Hexadecimal.text(all.finalize())
    }
}
