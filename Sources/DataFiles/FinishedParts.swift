import Foundation

/// The results of the parts of a long piece of work, kept in a file while it lasts: work that was stopped and is begun again
/// with the same key does no part twice.
///
/// ```swift
/// let parts = FinishedParts(at: folder.appending(path: "parts.json"), key: digestOfEverythingThatCounts)
/// let scores = try parts.result(of: "scores") { try measure() }
/// // … when all is written:
/// parts.remove()
/// ```
///
/// Use it from one thread at a time.
public final class FinishedParts {
    private struct Contents: Codable {
        /// For whoever finds the file of work that was stopped.
        var about = "what unfinished work has found so far; the same command goes on with it"
        var key: String
        /// Each part's result as JSON.
        var parts: [String: String]
    }

    private let url: URL?
    private var contents: Contents
    /// Whether an earlier run's parts were found.
    public let isContinued: Bool

    /// Takes up the parts of an earlier run.
    ///
    /// - Parameters:
    ///   - url: the file; nil keeps results in memory alone. A file of another key, or one whose checksum is wrong, is replaced.
    ///   - key: a digest of everything that results depend on.
    public init(at url: URL?, key: String) {
        self.url = url
        let found = url.flatMap { try? Data(contentsOf: $0) }.flatMap { CheckedJSON.decode(Contents.self, from: $0) }
        isContinued = found?.key == key && found?.parts.isEmpty == false
        contents = found?.key == key ? found ?? Contents(key: key, parts: [:]) : Contents(key: key, parts: [:])
    }

    /// The result of a part: the kept one, or what `body` gives, which is kept.
    ///
    /// - Throws: what `body` throws; `InputError` if the file can't be written.
    public func result<Result: Codable>(of part: String, _ body: () throws -> Result) throws -> Result {
        if let kept = contents.parts[part],
            let result = try? JSONDecoder().decode(Result.self, from: Data(kept.utf8))
        {
            return result
        }
        let result = try body()
        contents.parts[part] = String(decoding: try JSONEncoder.oneLine.encode(result), as: UTF8.self)
        if let url {
            try AtomicOutput.makeFolder(url.deletingLastPathComponent())
            try AtomicOutput.write(try CheckedJSON.encode(contents), to: url)
        }
        return result
    }

    /// Removes the file: the work is done.
    public func remove() {
        if let url { try? FileManager.default.removeItem(at: url) }
    }
}
