import Checkpoints
import Crypto
import DataFiles
import Foundation
import TensorCore

/// The digests of a model's tensors, file by file, which show the tensors that changed in a changed file.
///
/// ```json
/// {"format": "headsteer.tensors/1", "files": [{"name": "model.gguf", "other": "3f…", "tensors": [
///   {"name": "output.weight", "type": "F32", "shape": [8, 4], "sha256": "9a…"}]}]}
/// ```
///
/// `other` is the SHA-256 of all bytes outside the tensors, in order: header, metadata and padding.
public struct TensorManifest: Sendable, Equatable {
    struct Tensor: Sendable, Equatable, Encodable {
        let name: String
        let type: String
        let shape: [Int]
        let sha256: String
    }

    struct File: Sendable, Equatable, Encodable {
        let name: String
        let other: String
        let tensors: [Tensor]
    }

    static let format = "headsteer.tensors/1"

    let files: [File]

    /// Computes the digests of the tensors in all GGUF and safetensors files of a scope; O(bytes) on the workers.
    ///
    /// - Throws: `InputError` if there is no such file or one is broken.
    public init(_ scope: SigningScope, workers: WorkerPool) throws {
        let covered = try SignedFiles(
            at: scope.url, ignoring: scope.ignored.compactMap { SignedPath($0) }, followsLinks: scope.followsLinks)
        files = try covered.files.compactMap { file in
            try Self.digests(MappedFile(contentsOf: file.url), name: file.path.text, workers: workers)
        }
        guard !files.isEmpty else {
            throw InputError.usage(
                "\(scope.url.path(percentEncoded: false)) has no tensors: no GGUF and no safetensors file",
                remedy: "leave out --manifest")
        }
    }

    /// Reads a manifest.
    ///
    /// - Throws: `InputError` of the kind `.missingFile`, or `.badData` if it is not a manifest.
    init(_ file: MappedFile) throws {
        let object = try JSONObject(bytes: file.bytes, place: file.path)
        try object.checkFields(["format", "files"])
        let format = try object.required("format", object.string)
        guard format == Self.format else {
            throw InputError.unsupported("the format \(format)", in: file.path, remedy: "give one of \(Self.format)")
        }
        files = try object.required("files", object.objects).map { file in
            try file.checkFields(["name", "other", "tensors"])
            return File(
                name: try file.required("name", file.string), other: try file.required("other", file.string),
                tensors: try file.required("tensors", file.objects).map { tensor in
                    try tensor.checkFields(["name", "type", "shape", "sha256"])
                    return Tensor(
                        name: try tensor.required("name", tensor.string),
                        type: try tensor.required("type", tensor.string),
                        shape: try tensor.required("shape", tensor.integers),
                        sha256: try tensor.required("sha256", tensor.string))
                })
        }
    }

    /// The manifest's text; equal manifests have the same text.
    public var data: Data {
        get throws {
            struct Text: Encodable {
                var format = TensorManifest.format
                var files: [File]
            }
            return try JSONEncoder.indented.encode(Text(files: files))
        }
    }

    /// The digests for one file; nil if the file has another format.
    static func digests(_ file: MappedFile, name: String, workers: WorkerPool) throws -> File? {
        guard file.bytes.starts(with: "GGUF".utf8) || file.url.pathExtension.lowercased() == "safetensors" else {
            return nil
        }
        let tensors = try StoredTensor.tensors(in: file)
        let digests = try tensors.concurrentMap(workers) { Hexadecimal.text(SHA256.hash(data: $0.bytes)) }
        var other = SHA256()
        var end = 0
        for range in tensors.map(\.range).sorted(by: { $0.lowerBound < $1.lowerBound }) where range.upperBound > end {
            if range.lowerBound > end {
                other.update(bufferPointer: .init(rebasing: file.bytes[end..<range.lowerBound]))
            }
            end = range.upperBound
        }
        other.update(bufferPointer: .init(rebasing: file.bytes[end...]))
        return File(
            name: name, other: Hexadecimal.text(other.finalize()),
            tensors: zip(tensors, digests).map {
                Tensor(name: $0.name, type: $0.type.name, shape: $0.shape, sha256: $1)
            })
    }
}
