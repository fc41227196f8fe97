import Foundation

/// Where files are found by their names: a folder, or what stands for one.
public protocol FileFolder: Sendable {
    /// The folder's place; that of a file is this one with its name.
    var url: URL { get }
    /// The names of the files, sorted.
    ///
    /// - Throws: `InputError` where they can't be listed.
    var names: [String] { get throws }
    /// Whether there is a file of that name.
    func has(_ name: String) -> Bool
    /// The file of that name.
    ///
    /// - Throws: `InputError` of the kind `.missingFile` where there is none.
    func file(_ name: String) throws -> MappedFile
}

extension FileFolder {
    /// The folder's path, for messages.
    public var path: String { url.path(percentEncoded: false) }

    /// The path of a file of that name, for messages.
    public func path(of name: String) -> String { url.appending(path: name).path(percentEncoded: false) }

    /// The JSON object that a file holds.
    ///
    /// - Throws: `InputError` of the kind `.missingFile`, or `.badData` where it is no JSON object.
    public func object(_ name: String) throws -> JSONObject {
        let file = try file(name)
        return try withExtendedLifetime(file) { try JSONObject(bytes: file.bytes, place: file.path) }
    }
}

/// A folder on disk.
public struct DiskFolder: FileFolder {
    /// Where the folder is.
    public let url: URL

    /// A folder; nothing is read before it is asked for.
    public init(_ url: URL) { self.url = url }

    /// The names of what lies in it, sorted.
    public var names: [String] {
        get throws {
            guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else {
                throw InputError.missingFile(path, remedy: "give the path of a folder that can be read")
            }
            return names.sorted()
        }
    }

    /// Whether something of that name lies in it.
    public func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(of: name)) }

    /// A file, mapped.
    ///
    /// - Throws: `InputError` where it isn't there or can't be read.
    public func file(_ name: String) throws -> MappedFile { try MappedFile(contentsOf: url.appending(path: name)) }
}

extension URL {
    /// Whether a folder is there, or a link that leads to one.
    package var isFolder: Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path(percentEncoded: false), isDirectory: &isFolder)
            && isFolder.boolValue
    }
}
