import Crypto
import DataFiles
import Foundation
import Synchronization

/// A file that an experiment wrote.
public struct Artefact: Sendable, Codable, Equatable {
    /// The file's name in the experiment's folder.
    public var name: String
    /// The file's size in bytes.
    public var bytes: Int
    /// The SHA-256 of its contents, in hexadecimal digits.
    public var sha256: String

    /// Creates an entry for a file that was written elsewhere.
    public init(name: String, bytes: Int, sha256: String) {
        self.name = name
        self.bytes = bytes
        self.sha256 = sha256
    }
}

/// The folder of an experiment's files.
///
/// Each file is written completely or not at all, and recorded with its digest.
public final class ArtefactStore: Sendable {
    /// The folder's path.
    public let folder: URL
    private let written = Mutex<[String: Artefact]>([:])

    /// Creates the folder if it doesn't exist.
    ///
    /// - Throws: `InputError` if the folder can't be created.
    public init(_ folder: URL) throws {
        self.folder = folder
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        } catch {
            throw InputError(
                .notWritable, "a folder that can't be made", in: folder.path(percentEncoded: false),
                remedy: "set HEADSTEER_ARTEFACTS to a writable folder")
        }
    }

    /// Writes a file, and replaces one with the same name.
    ///
    /// - Parameter name: a file name, without a folder.
    /// - Returns: the file's path.
    /// - Throws: `InputError` if the name is not a file name, or the file can't be written.
    @discardableResult
    public func write(_ data: Data, as name: String) throws -> URL {
        guard !name.isEmpty, ![".", ".."].contains(name), !name.contains("/"), !name.contains("\0") else {
            throw InputError.usage("\"\(name)\" as a file's name", remedy: "give a plain name, without a folder")
        }
        let url = folder.appending(path: name)
        try AtomicOutput.write(data, to: url)
        let digest = Hexadecimal.text(SHA256.hash(data: data))
        let artefact = Artefact(name: name, bytes: data.count, sha256: digest)
        written.withLock { $0[name] = artefact }
        return url
    }

    /// Writes a value as indented JSON with sorted keys, so that equal values give equal bytes.
    ///
    /// NaN becomes the text `nan`, and infinities become `inf` or `-inf`; dates are written as in ISO 8601.
    @discardableResult
    public func write(json value: some Encodable, as name: String) throws -> URL {
        let encoder = JSONEncoder.indented
        encoder.dateEncodingStrategy = .iso8601
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        return try write(encoder.encode(value) + Data("\n".utf8), as: name)
    }

    /// The files that were written, by name.
    public var artefacts: [Artefact] { written.withLock { $0.values.sorted { $0.name < $1.name } } }
}
