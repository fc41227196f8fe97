import DataFiles
import Foundation
import Synchronization

/// Seals the files of a model in one file.
public struct ModelSealing: Sendable {
    /// The bytes of content in a chunk: large enough that tags cost nothing (16 bytes in a megabyte), small enough that
    /// little lies in ordinary memory while a file is opened.
    public static let chunkSize = 1 << 20

    /// The files, in the order in which they are sealed.
    public let files: [MappedFile]
    private let directory: SealedDirectory

    /// - Parameters:
    ///   - files: the model's files, all from one folder.
    ///   - model: the name of the file by which the model is opened; nil if it is opened by the folder.
    /// - Throws: `InputError` if two files have the same name.
    public init(_ files: [MappedFile], model: String?) throws {
        let names = files.map(\.url.lastPathComponent)
        guard Set(names).count == names.count else {
            throw InputError.usage("two files with the same name", remedy: "give files of one folder")
        }
        self.files = files
        directory = try SealedDirectory(model: model, files: files.map { ($0.url.lastPathComponent, $0.count) })
    }

    /// Writes the sealed file; O(bytes), on all threads.
    ///
    /// Every file gets its own salt from the system's random numbers, so sealing twice gives different bytes.
    ///
    /// - Parameters:
    ///   - threads: how many threads encrypt.
    ///   - progress: called with the number of bytes done; an error that it throws ends the work, and nothing is left.
    /// - Throws: `InputError` if the file can't be written.
    /// - Returns: the number of bytes in the file.
    @discardableResult
    public func write(
        to url: URL, key: SealingKey, threads: Int = ProcessInfo.processInfo.activeProcessorCount,
        progress: (_ done: Int) throws -> Void = { _ in }
    ) throws -> Int {
        var random = SystemRandomNumberGenerator()
        let salt = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        return try write(to: url, key: key, salt: salt, chunkSize: Self.chunkSize, threads: threads, progress: progress)
    }

    /// The number of bytes of content, for a progress bar.
    public var contentSize: Int { get throws { try directory.contentSize } }

    @discardableResult
    func write(
        to url: URL, key: SealingKey, salt: [UInt8], chunkSize: Int, threads: Int,
        progress: (_ done: Int) throws -> Void = { _ in }
    ) throws -> Int {
        let header = SealedHeader(chunkSize: chunkSize, contentSize: try contentSize, salt: salt, key: key)
        let cipher = ChunkCipher(header, key)
        let beginning = try directory.bytes
        let width = max(threads, 1)
        try AtomicOutput.write(to: url) { output in
            try output.write(contentsOf: Data(header.bytes))
            for first in stride(from: 0, to: header.chunkCount, by: width) {
                let chunks = first..<min(first + width, header.chunkCount)
                let results = Mutex([Result<Data, any Error>?](repeating: nil, count: chunks.count))
                DispatchQueue.concurrentPerform(iterations: chunks.count) { index in
                    let chunk = chunks.lowerBound + index
                    let sealed = Result {
                        try cipher.seal(content(header.content(ofChunk: chunk), beginning), chunk: chunk)
                    }
                    results.withLock { $0[index] = sealed }
                }
                for result in results.withLock({ $0 }) {
                    if let result { try output.write(contentsOf: result.get()) }
                }
                try progress(header.content(ofChunk: chunks.upperBound - 1).upperBound)
            }
        }
        return header.fileSize
    }

    /// A part of the content.
    private func content(_ range: Range<Int>, _ beginning: Data) -> Data {
        var content = Data(count: range.count)
        content.withUnsafeMutableBytes { content in
            func copy(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
                let part = (offset..<offset + bytes.count).clamped(to: range)
                guard !part.isEmpty else { return }
                UnsafeMutableRawBufferPointer(
                    rebasing: content[part.lowerBound - range.lowerBound..<part.upperBound - range.lowerBound]
                ).copyMemory(
                    from: UnsafeRawBufferPointer(rebasing: bytes[part.lowerBound - offset..<part.upperBound - offset]))
            }
            beginning.withUnsafeBytes { copy($0, at: 0) }
            for (file, entry) in zip(files, directory.files) { copy(file.bytes, at: entry.offset) }
        }
        return content
    }
}
