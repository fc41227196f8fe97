import Crypto
import DataFiles
import Foundation
import TensorCore

/// A model on disk: a GGUF file (or several) or a Hugging Face folder.
public enum Checkpoint: Sendable {
    /// A GGUF file, or several.
    case gguf(GGUFFile)
    /// A folder with `config.json` and safetensors.
    case huggingFace(HuggingFaceFolder)

    /// Opens what lies at `url`; nothing but headers is read.
    ///
    /// - Throws: `InputError` of the kind `.missingFile` or `.badData`.
    public init(contentsOf url: URL) throws {
        var isFolder: ObjCBool = false
        let path = url.path(percentEncoded: false)
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw InputError.missingFile(
                path, remedy: "give the path of a .gguf file or of a folder with config.json and *.safetensors")
        }
        self =
            try isFolder.boolValue
            ? .huggingFace(HuggingFaceFolder(contentsOf: url)) : .gguf(GGUFFile(contentsOf: url))
    }

    /// The path, for messages.
    public var path: String {
        switch self {
        case .gguf(let file): file.metadata.path
        case .huggingFace(let folder): folder.path
        }
    }

    /// All tensors, those that are no weights among them, sorted by name.
    public func tensors() throws -> [StoredTensor] {
        switch self {
        case .gguf(let file): file.tensors.sorted { $0.name < $1.name }
        case .huggingFace(let folder): try folder.tensorNames.compactMap { try folder.tensor($0) }
        }
    }

    /// The SHA-256 of the names, shapes, types and contents of all tensors, and of `configuration`: the same for a model in
    /// one file and in several.
    ///
    /// Every byte of the weights counts: O(size), about a second for a gigabyte, on the pool's workers.
    ///
    /// - Parameter configuration: what else makes the model what it is, in a fixed spelling.
    public func fingerprint(configuration: String, workers: WorkerPool) throws -> String {
        let tensors = try tensors()
        var digests = [SHA256Digest?](repeating: nil, count: tensors.count)
        digests.withUnsafeMutableBufferPointer { digests in
            // Each task writes its own element.
            nonisolated(unsafe) let digests = digests
            workers.run(tensors.count) { task, _ in digests[task] = SHA256.hash(data: tensors[task].bytes) }
        }
        var all = SHA256()
        all.update(data: Data(configuration.utf8))
        for (tensor, digest) in zip(tensors, digests) {
            all.update(data: Data("\n\(tensor.name) \(tensor.shape) \(tensor.type.name) ".utf8))
            if let digest { all.update(data: Data(digest)) }
        }
        return "sha256:"
            + all.finalize().map { byte in
                let text = String(byte, radix: 16)
                return text.count == 1 ? "0" + text : text
            }.joined()
    }
}
