import Crypto
import DataFiles
import Foundation
import Synchronization

/// A sealed model, opened: its files, decrypted in memory.
///
/// Nothing of it is ever written to a disk. The memory can't be written to; it is locked if the system allows
/// (``isLocked``), left out of core dumps on Linux, and wiped when the last value that uses it is gone. It takes as
/// many bytes as the content of the sealed file. While the file is opened, each thread holds one chunk in ordinary
/// memory, which is wiped as well.
public struct SealedModel: FileFolder {
    /// The sealed file.
    public let url: URL
    /// The name of the file by which the model is opened; nil if it is opened by the folder of all files.
    public let model: String?
    private let files: [String: MappedFile]
    private let memory: LockedMemory

    /// Whether a file begins like a sealed model.
    public static func isSealed(_ file: MappedFile) -> Bool { file.bytes.starts(with: SealedHeader.magic) }

    /// Opens a sealed model; O(bytes), on all threads.
    ///
    /// Every chunk is authenticated before any byte of the content is used.
    ///
    /// - Parameters:
    ///   - key: the key that it was sealed with.
    ///   - threads: how many threads decrypt; by default as many as the processor has cores.
    /// - Throws: `InputError` if the file isn't a sealed model, was sealed with another key, or was changed anywhere.
    public init(
        _ file: MappedFile, key: SealingKey, threads: Int = ProcessInfo.processInfo.activeProcessorCount
    ) throws {
        let header = try SealedHeader(file.bytes, path: file.path)
        guard header.keyCheck == SealedHeader.check(key, salt: header.salt) else {
            throw InputError.badData(
                "a model that was sealed with another key", in: file.path,
                remedy: "give the key that it was sealed with; if this is it, the file's header was changed")
        }
        let memory = try LockedMemory(count: header.contentSize, path: file.path)
        let cipher = ChunkCipher(header, key)
        let next = Atomic<Int>(0)
        let firstFailure = Atomic<Int>(header.chunkCount)
        DispatchQueue.concurrentPerform(iterations: min(max(threads, 1), header.chunkCount)) { _ in
            while true {
                let index = next.add(1, ordering: .relaxed).oldValue
                guard index < header.chunkCount else { return }
                do {
                    try cipher.open(
                        UnsafeRawBufferPointer(rebasing: file.bytes[header.place(ofChunk: index)]), chunk: index,
                        into: UnsafeMutableRawBufferPointer(
                            rebasing: memory.mutableBytes[header.content(ofChunk: index)]))
                } catch {
                    firstFailure.min(index, ordering: .relaxed)
                }
            }
        }
        let failed = firstFailure.load(ordering: .relaxed)
        guard failed == header.chunkCount else {
            throw SealedHeader.damaged(
                "a chunk that isn't the one sealed there",
                "\(file.path): byte \(header.place(ofChunk: failed).lowerBound), chunk \(failed)")
        }
        memory.makeReadOnly()
        let directory = try SealedDirectory(memory.bytes, path: file.path)
        url = file.url
        self.memory = memory
        model = directory.model
        files = Dictionary(
            uniqueKeysWithValues: directory.files.map { entry in
                let bytes = UnsafeRawBufferPointer(rebasing: memory.bytes[entry.offset..<entry.offset + entry.count])
                return (
                    entry.name, MappedFile(url: file.url.appending(path: entry.name), bytes: bytes, owner: memory)
                )
            })
    }

    /// Whether the system keeps the decrypted bytes out of the swap file; if not, the limit of locked memory is too low
    /// (`ulimit -l`).
    public var isLocked: Bool { memory.isLocked }
    /// The number of bytes of memory that the model takes.
    public var byteCount: Int { memory.count }

    /// The names of the sealed files, sorted.
    public var names: [String] { files.keys.sorted() }

    /// Whether a file with that name was sealed.
    public func has(_ name: String) -> Bool { files[name] != nil }

    /// A sealed file's decrypted bytes, which stay in memory.
    ///
    /// - Throws: `InputError` if no file with that name was sealed.
    public func file(_ name: String) throws -> MappedFile {
        guard let file = files[name] else {
            throw InputError(
                .missingPart, "no file \(name)", in: path, remedy: "seal the model again from a complete folder")
        }
        return file
    }
}
