import DataFiles
import Foundation
import TensorCore

/// What changed in a model, by a manifest of its tensors.
public struct TensorChanges: Sendable, Equatable {
    /// The names of tensors whose values, shape or type changed, that are gone or were not there, in the order of the files.
    public internal(set) var tensors: [String] = []
    /// Files whose other bytes changed: header, metadata or padding.
    public internal(set) var otherBytes: [String] = []
    /// Files whose tensors can't be read any more, or that are gone.
    public internal(set) var unread: [String] = []

    /// Compares the manifest with the files that are there; O(bytes) on the workers.
    init(_ manifest: TensorManifest, _ files: [SignedFiles.File], workers: WorkerPool) throws {
        for before in manifest.files {
            guard let file = files.first(where: { $0.path.text == before.name }),
                let after = try? TensorManifest.digests(
                    MappedFile(contentsOf: file.url), name: before.name, workers: workers)
            else {
                unread.append(before.name)
                continue
            }
            let old = Dictionary(before.tensors.map { ($0.name, $0) }) { first, _ in first }
            let new = Dictionary(after.tensors.map { ($0.name, $0) }) { first, _ in first }
            tensors += before.tensors.map(\.name).filter { old[$0] != new[$0] }
            tensors += after.tensors.map(\.name).filter { old[$0] == nil }
            if before.other != after.other { otherBytes.append(before.name) }
        }
    }
}
