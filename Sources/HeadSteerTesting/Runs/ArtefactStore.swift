import Crypto
import DataFiles
import Foundation
import Synchronization

/// A file that an experiment wrote.
public struct Artefact: Sendable, Codable, Equatable {
    /// Its name in the experiment's folder.
    public var name: String
    /// Its size.
    public var bytes: Int
    /// Of its content, in hexadecimal digits.
    public var sha256: String

    /// A file that was written elsewhere.
    public init(name: String, bytes: Int, sha256: String) {
        self.name = name
        self.bytes = bytes
        self.sha256 = sha256
    }
}

/// The folder of an experiment's files. Each is written whole or not at all, and noted with its digest.
public final class ArtefactStore: Sendable {
    /// Where the files are.
    public let folder: URL
    private let written = Mutex<[String: Artefact]>([:])

    /// Makes the folder if it isn't there.
    ///
    /// - Throws: `InputError` if it can't be made.
    public init(_ folder: URL) throws {
        self.folder = folder
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        } catch {
            throw InputError(
                .notWritable, "no folder that can be made", in: folder.path(percentEncoded: false),
                remedy: "set HEADSTEER_ARTEFACTS to a folder that can be written to")
        }
    }

    /// Writes a file, or the same one anew.
    ///
    /// - Parameter name: a plain name, without a folder.
    /// - Returns: where it is.
    /// - Throws: `InputError` if the name is none, or the file can't be written.
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

    /// Writes a value as indented JSON with sorted keys: equal values give equal bytes. What is no number becomes the text `nan`,
    /// an infinity `inf` or `-inf`; dates are as ISO 8601 writes them.
    @discardableResult
    public func write(json value: some Encodable, as name: String) throws -> URL {
        let encoder = JSONEncoder.indented
        encoder.dateEncodingStrategy = .iso8601
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        return try write(encoder.encode(value) + Data("\n".utf8), as: name)
    }

    /// What was written, by name.
    public var artefacts: [Artefact] { written.withLock { $0.values.sorted { $0.name < $1.name } } }
}
