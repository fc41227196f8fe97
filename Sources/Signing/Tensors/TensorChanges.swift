import DataFiles
import Foundation
import TensorCore

/// The changes in a model since a manifest of its tensors was made.
public struct TensorChanges: Sendable, Equatable {
    /// The names of tensors whose values, shape or type changed, or that were removed or added, in the order of the
    /// files.
    public internal(set) var tensors: [String] = []
    /// Files in which bytes outside the tensors changed: header, metadata or padding.
    public internal(set) var otherBytes: [String] = []
    /// Files that are gone, or whose tensors can no longer be read.
    public internal(set) var unread: [String] = []

    /// Compares the manifest with the present files; O(bytes) on the workers.
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
