import Crypto
import DataFiles
import Foundation
import TensorCore

/// A file, or a part of one, with its digest, as covered by a signature.
struct SignedResource: Equatable {
    let path: SignedPath
    /// The part of the file; nil for the whole file.
    let part: Range<Int>?
    /// The format's name for the way in which the digest was made.
    let algorithm: String
    /// The digest, 32 bytes.
    let digest: [UInt8]

    /// The resource's name in a statement.
    var name: String { part.map { "\(path.text):\($0.lowerBound):\($0.upperBound)" } ?? path.text }

    /// Parses a name.
    ///
    /// - Returns: nil if the name is not valid.
    init?(name: String, inParts: Bool, algorithm: String, digest: [UInt8]) {
        var text = name
        var part: Range<Int>?
        if inParts {
            let pieces = name.split(separator: ":", omittingEmptySubsequences: false)
            guard pieces.count == 3, let start = Int(pieces[1]), let end = Int(pieces[2]), 0 <= start, start < end
            else { return nil }
            text = String(pieces[0])
            part = start..<end
        }
        guard let path = SignedPath(text) else { return nil }
        self.init(path: path, part: part, algorithm: algorithm, digest: digest)
    }

    init(path: SignedPath, part: Range<Int>?, algorithm: String, digest: [UInt8]) {
        self.path = path
        self.part = part
        self.algorithm = algorithm
        self.digest = digest
    }

    /// The resources of some files, in the format's order; O(bytes) on the workers.
    static func all(_ files: [SignedFiles.File], _ form: Serialization, workers: WorkerPool) throws -> [SignedResource]
    {
        struct Task: Sendable {
            let file: MappedFile
            let path: SignedPath
            let part: Range<Int>?
        }
        var tasks: [Task] = []
        for file in files {
            let mapped = try MappedFile(contentsOf: file.url)
            guard let size = form.partSize else {
                tasks.append(Task(file: mapped, path: file.path, part: nil))
                continue
            }
            for start in stride(from: 0, to: mapped.count, by: size) {
                let end = mapped.count - start > size ? start + size : mapped.count
                tasks.append(Task(file: mapped, path: file.path, part: start..<end))
            }
        }
        let algorithm = form.digestName
        return try tasks.concurrentMap(workers) { task in
            let bytes = UnsafeRawBufferPointer(rebasing: task.file.bytes[task.part ?? 0..<task.file.count])
            return SignedResource(
                path: task.path, part: task.part, algorithm: algorithm, digest: Array(SHA256.hash(data: bytes)))
        }
    }
}
