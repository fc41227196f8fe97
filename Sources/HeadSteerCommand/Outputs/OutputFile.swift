import DataFiles
import Foundation

/// Checks of a place to write to, made before the work that fills it.
enum OutputFile {
    /// Makes sure that a file can be written there.
    ///
    /// - Parameter option: the option that names the file, for messages.
    /// - Throws: `InputError` of the kind `.missingFile` if its folder is missing or can't be written to, `.usage` if
    ///   the path names a folder.
    static func check(_ path: String, option: String = "--out") throws -> URL {
        let url = URL(filePath: path)
        if url.isFolder {
            throw InputError.usage("\(option) is the folder \(path)", remedy: "give the path of a file")
        }
        let parent = url.deletingLastPathComponent()
        let parentPath = parent.path(percentEncoded: false)
        guard parent.isFolder, FileManager.default.isWritableFile(atPath: parentPath) else {
            throw InputError(
                .notWritable, "no folder that can be written to", in: path,
                remedy: "create the folder or choose another output path")
        }
        return url
    }

    /// Makes sure that an output folder isn't one that is read.
    static func requireOther(_ output: URL, than input: URL) throws {
        guard let own = FileIdentity(output), own == FileIdentity(input) else { return }
        throw InputError.usage(
            "--out is \(input.path(percentEncoded: false)), which is read", remedy: "give the path of another folder")
    }

    /// The file of activations that shards are put together in: a file in the folder at that path, or the path itself
    /// if it names a safetensors file.
    ///
    /// - Throws: `InputError` as ``check(_:option:)`` and ``checkNewFolder(_:option:)`` do.
    static func checkMerged(_ path: String) throws -> URL {
        if URL(filePath: path).pathExtension == "safetensors" { return try check(path) }
        return try checkNewFolder(path).appending(path: "activations.safetensors")
    }

    /// Makes sure that an output is none of the files that the command reads.
    ///
    /// - Parameter option: the option that names the output, for messages.
    static func requireApart(_ output: URL, from inputs: [URL], option: String) throws {
        guard let own = FileIdentity(output) else { return }
        for input in inputs {
            let files = OutputsApart.contents(input) ?? [input]
            guard files.contains(where: { FileIdentity($0) == own }) else { continue }
            throw InputError.usage(
                "\(option) leads to \(input.path(percentEncoded: false)), which is read",
                remedy: "give the path of another file")
        }
    }

    /// Makes sure that a folder, with those above it, can be made there, or is there and can be written to.
    ///
    /// - Parameter option: the option that names it, for messages.
    static func checkNewFolder(_ path: String, option: String = "--out") throws -> URL {
        let url = URL(filePath: path, directoryHint: .isDirectory)
        if exists(url), !url.isFolder {
            throw InputError.usage("\(option) is the file \(path)", remedy: "give the path of a folder")
        }
        var existing = url.standardizedFileURL
        while !exists(existing), existing.pathComponents.count > 1 { existing.deleteLastPathComponent() }
        guard existing.isFolder, FileManager.default.isWritableFile(atPath: existing.path(percentEncoded: false))
        else {
            throw InputError(
                .notWritable, "no folder that can be made", in: path,
                remedy: "run the program where you may write, or choose another \(option)")
        }
        return url
    }

    /// Whether there is a file or folder; a file counts even if a slash follows its name.
    private static func exists(_ url: URL) -> Bool {
        let path = url.path(percentEncoded: false)
        return FileManager.default.fileExists(
            atPath: path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path)
    }
}
