import Foundation

/// Writes a file beside its place and renames it, so that nobody ever sees a half-written one.
///
/// ```swift
/// try AtomicOutput.write(to: url) { file in
///     try file.write(contentsOf: header)
///     try file.write(contentsOf: body)
/// }
/// ```
public enum AtomicOutput {
    /// Writes what `body` writes to `url`, or nothing.
    ///
    /// The temporary file is in the same folder. When `body` throws, it is removed and the error goes on; a file that
    /// was at `url` before is then untouched. A device or a pipe (`/dev/stdout`) is written to as it is.
    ///
    /// - Throws: `InputError` of the kind `.missingFile` if the folder can't be written to, and what `body` throws.
    public static func write(to url: URL, _ body: (FileHandle) throws -> Void) throws {
        let path = url.path(percentEncoded: false)
        var status = stat()
        if stat(path, &status) == 0, ![S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT),
            let handle = FileHandle(forWritingAtPath: path)
        {
            // Renaming a file over it would replace it: fatal for /dev/null.
            try body(handle)
            return try handle.close()
        }
        // A name of its own for each call, so that two threads that write the same file don't write into each other's.
        let temporary = url.deletingLastPathComponent().appending(
            path: ".\(url.lastPathComponent).\(UUID().uuidString.prefix(8)).partial")
        let temporaryPath = temporary.path(percentEncoded: false)
        let manager = FileManager.default
        guard manager.createFile(atPath: temporaryPath, contents: nil),
            let handle = FileHandle(forWritingAtPath: temporaryPath)
        else {
            throw InputError(
                .notWritable, "no folder that can be written to", in: path,
                remedy: "create the folder or choose another output path")
        }
        do {
            try body(handle)
            try handle.close()
            guard rename(temporaryPath, path) == 0 else {
                throw InputError(
                    .badData, "the finished file can't be moved to its place", in: path,
                    remedy: "check that no folder has that name")
            }
        } catch {
            try? handle.close()
            try? manager.removeItem(at: temporary)
            if error.isOutOfSpace {
                throw InputError(
                    .notWritable, "no space left", in: path, remedy: "make room or choose another output path")
            }
            throw error
        }
    }

    /// Writes `data` to `url`, or nothing.
    public static func write(_ data: Data, to url: URL) throws {
        try write(to: url) { try $0.write(contentsOf: data) }
    }

    /// Makes a folder for results, and those above it, if it doesn't exist.
    ///
    /// - Throws: `InputError` of the kind `.missingFile` if that can't be done.
    public static func makeFolder(_ folder: URL) throws {
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        } catch {
            throw InputError(
                .notWritable, "no folder that can be made", in: folder.path(percentEncoded: false),
                remedy: "choose another output folder")
        }
    }
}

extension Error {
    /// Whether a disk or a quota is full.
    fileprivate var isOutOfSpace: Bool {
        let error = self as NSError
        if error.domain == NSCocoaErrorDomain, error.code == CocoaError.fileWriteOutOfSpace.rawValue { return true }
        let codes = [Int(ENOSPC), Int(EDQUOT)]
        if error.domain == NSPOSIXErrorDomain, codes.contains(error.code) { return true }
        return (error.userInfo[NSUnderlyingErrorKey] as? any Error)?.isOutOfSpace ?? false
    }
}
