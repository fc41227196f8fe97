import Foundation

/// Where files are found by name: a folder, or something that stands for one.
public protocol FileFolder: Sendable {
    /// Where the folder is; a file's URL is this one with the file's name appended.
    var url: URL { get }
    /// The names of the files, sorted.
    ///
    /// - Throws: `InputError` if they can't be listed.
    var names: [String] { get throws }
    /// Whether there is a file with that name.
    func has(_ name: String) -> Bool
    /// The file with that name.
    ///
    /// - Throws: `InputError` of the kind `.missingFile` if there is none, or `.missingPart` if it is missing in a
    ///   sealed model.
    func file(_ name: String) throws -> MappedFile
}

extension FileFolder {
    /// The folder's path, for messages.
    public var path: String { url.path(percentEncoded: false) }

    /// The path of the file with that name, for messages.
    public func path(of name: String) -> String { url.appending(path: name).path(percentEncoded: false) }

    /// The JSON object that a file holds.
    ///
    /// - Throws: `InputError` of the kind `.missingFile`, or `.badData` if it isn't a JSON object.
    public func object(_ name: String) throws -> JSONObject {
        let file = try file(name)
        return try withExtendedLifetime(file) { try JSONObject(bytes: file.bytes, place: file.path) }
    }
}

/// A folder on disk.
public struct DiskFolder: FileFolder {
    /// Where the folder is.
    public let url: URL

    /// A folder; nothing is read until it is asked for.
    public init(_ url: URL) { self.url = url }

    /// The names of everything in the folder, sorted.
    public var names: [String] {
        get throws {
            guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else {
                throw InputError.missingFile(path, remedy: "give the path of a folder that can be read")
            }
            return names.sorted()
        }
    }

    /// Whether the folder holds something with that name.
    public func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(of: name)) }

    /// The file with that name, mapped into memory.
    ///
    /// - Throws: `InputError` if it isn't there or can't be read.
    public func file(_ name: String) throws -> MappedFile { try MappedFile(contentsOf: url.appending(path: name)) }
}

extension URL {
    /// Whether there is a folder at this URL, or a link that leads to one.
    package var isFolder: Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path(percentEncoded: false), isDirectory: &isFolder)
            && isFolder.boolValue
    }
}
