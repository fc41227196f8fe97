import Foundation

/// The results of the finished parts of long work, each written as soon as it is there: work that was killed goes on
/// after the last one.
///
/// The first line of the file names the format and what the values depend on. Every other line holds one part, with
/// tabs between its name, a checksum (FNV-1a, 64 bits) and its value as JSON. Lines are only ever added. A line that
/// was cut off by a kill, or whose checksum is wrong, counts as not written.
///
/// ```swift
/// let journal = try PartJournal(folder.appending(path: PartJournal.fileName), key: digestOfEverythingThatCounts)
/// let scores = try journal.result(of: "scores") { try measure() }
/// // … when all is written elsewhere:
/// journal.remove()
/// ```
///
/// Use it from one thread at a time.
public final class PartJournal {
    /// The beginning of the first line.
    public static let format = "headsteer.parts/1"
    /// The journal's file name in the folder of the results.
    public static let fileName = "parts.journal"

    private var values: [String: Data] = [:]
    private let url: URL?
    private let file: FileHandle?
    /// The folder, if it was made for the journal.
    private var madeFolder: URL?

    /// A journal in memory only, for work that is never continued.
    public init() { (url, file) = (nil, nil) }

    /// Opens a journal to continue it, or begins one; the folder is made if it isn't there.
    ///
    /// - Parameter key: everything that the values depend on, as one line; a journal with another key is emptied first.
    /// - Throws: `InputError` if the file can't be written, or another process is writing it.
    /// - Complexity: O(size), in memory as well.
    public init(_ url: URL, key: String) throws {
        let folder = url.deletingLastPathComponent()
        let isFolderThere = FileManager.default.fileExists(atPath: folder.path(percentEncoded: false))
        if !isFolderThere { try AtomicOutput.makeFolder(folder) }
        let file = try AtomicOutput.reportingFailures(of: url) { try AtomicOutput.openFile(url, O_RDWR | O_CREAT) }
        guard flock(file.fileDescriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw InputError(
                .notWritable, "another process is writing the same file", in: url.path(percentEncoded: false),
                remedy: "wait for it or choose another output path")
        }
        (self.url, self.file) = (url, file)
        madeFolder = isFolderThere ? nil : folder
        let first = Data("\(Self.format)\t\(key)\n".utf8)
        try AtomicOutput.reportingFailures(of: url) {
            var data = try file.readToEnd() ?? Data()
            if data.starts(with: first) {
                // A line without its end was being written when the work was killed.
                data = data.lastIndex(of: 0x0A).map { Data(data[...$0]) } ?? Data()
                values = Self.parts(data.dropFirst(first.count))
            } else {
                try file.truncate(atOffset: 0)
                try file.seek(toOffset: 0)
                try file.write(contentsOf: first)
                data = first
            }
            try file.truncate(atOffset: UInt64(data.count))
            try file.seekToEnd()
        }
    }

    /// Reads a journal that nobody is writing any more.
    ///
    /// - Throws: `InputError` if there is no journal, or it has another key.
    public init(reading url: URL, key: String) throws {
        let data = try MappedFile.contents(of: url)
        let first = Data("\(Self.format)\t\(key)\n".utf8)
        guard data.starts(with: first) else {
            throw InputError.badData(
                "another journal than that of the work", in: url.path(percentEncoded: false),
                remedy: "run the shard again in an empty folder")
        }
        (self.url, file) = (url, nil)
        values = Self.parts(data.dropFirst(first.count))
    }

    /// The number of parts in the journal.
    public var count: Int { values.count }

    /// Whether a part is in the journal.
    public func has(_ part: String) -> Bool { values[part] != nil }

    /// The result of a part; nil if it isn't there.
    ///
    /// - Throws: `InputError` if the value isn't of that type.
    public func value<Value: Decodable>(_ part: String, as type: Value.Type = Value.self) throws -> Value? {
        guard let data = values[part] else { return nil }
        guard let value = try? JSONDecoder().decode(Value.self, from: data) else {
            throw InputError(
                .unreadable, "no value of the part \(part)", in: url?.path(percentEncoded: false) ?? "the journal",
                remedy: "remove the file and run the command again")
        }
        return value
    }

    /// Adds the result of a part; from then on a kill doesn't lose it.
    ///
    /// - Throws: `InputError` if the disk is full; `EncodingError` if a number is NaN or infinite.
    /// - Precondition: the name isn't empty and has no tabs or line ends.
    public func add(_ part: String, _ value: some Encodable) throws {
        precondition(
            !part.isEmpty && !part.contains { $0 == "\t" || $0.isNewline },
            "No line can hold the name \(part).")
        let json = try JSONEncoder.oneLine.encode(value)
        if let file, let url {
            let line = Data("\(part)\t\(FNV1a(json).text)\t".utf8) + json + Data("\n".utf8)
            try AtomicOutput.reportingFailures(of: url) { try file.write(contentsOf: line) }
        }
        values[part] = json
    }

    /// The result of a part: the one in the journal, or else what `body` returns, which is then added.
    ///
    /// - Parameter fits: whether the journal's result can be right; one that somebody changed is computed again.
    /// - Throws: what `body` throws, and the errors of ``value(_:as:)`` and ``add(_:_:)``.
    public func result<Value: Codable>(
        of part: String, where fits: (Value) -> Bool = { _ in true }, _ body: () throws -> Value
    ) throws -> Value {
        if let known: Value = try value(part), fits(known) { return known }
        let value = try body()
        try add(part, value)
        return value
    }

    /// Removes the file: the work is done, and its result is elsewhere.
    public func remove() {
        if let url { try? FileManager.default.removeItem(at: url) }
    }

    /// Removes the file if it holds no part, and the folder if it was made for the journal and holds nothing else.
    ///
    /// So work that fails before its first part leaves nothing behind.
    public func removeIfEmpty() {
        guard values.isEmpty else { return }
        remove()
        if let madeFolder { _ = rmdir(madeFolder.path(percentEncoded: false)) }
    }

    private static func parts(_ data: Data) -> [String: Data] {
        var values: [String: Data] = [:]
        for line in data.split(separator: 0x0A) {
            let fields = line.split(separator: 0x09, maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { continue }
            let json = Data(fields[2])
            guard String(decoding: fields[1], as: UTF8.self) == FNV1a(json).text else { continue }
            values[String(decoding: fields[0], as: UTF8.self)] = json
        }
        return values
    }
}
