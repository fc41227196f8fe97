import Foundation

/// Writes a file next to its destination and then renames it, so that nobody ever sees a half-written file.
///
/// ```swift
/// try AtomicOutput.write(to: url) { file in
///     try file.write(contentsOf: header)
///     try file.write(contentsOf: body)
/// }
/// ```
public enum AtomicOutput {
    /// Writes to `url` everything that `body` writes, or nothing at all.
    ///
    /// The temporary file is in the same folder. If `body` throws, the temporary file is removed and the error is
    /// passed on; a file that was already at `url` stays untouched. Temporary files that killed programs left behind
    /// for the same output are removed first. A device or a pipe (`/dev/stdout`) is written to directly.
    ///
    /// - Throws: `InputError` of the kind `.notWritable` if the folder can't be written to or the disk is full, and
    ///   what `body` throws.
    public static func write(to url: URL, _ body: (FileHandle) throws -> Void) throws {
        try reportingFailures(of: url) {
            if isSpecial(url) {
                // Renaming a file over it would replace it: fatal for /dev/null.
                let handle = try FileHandle(forWritingTo: url)
                try body(handle)
                return try handle.close()
            }
            UnfinishedOutput.removeAbandoned(of: url)
            let (unfinished, handle) = try UnfinishedOutput.file(for: url)
            defer {
                try? handle.close()
                unfinished.end()
            }
            try body(handle)
            try handle.close()
            try move(unfinished.url, to: url)
        }
    }

    /// Opens a file; a failure throws the system's own error, which tells a full disk from a missing folder.
    package static func openFile(_ url: URL, _ flags: CInt) throws -> FileHandle {
        let descriptor = open(url.path(percentEncoded: false), flags | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw POSIXError.last }
        return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    /// Whether there is something at `url` that is neither a file nor a folder: a device, a pipe.
    package static func isSpecial(_ url: URL) -> Bool {
        var status = stat()
        return stat(url.path(percentEncoded: false), &status) == 0
            && ![S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT)
    }

    /// Renames a finished file to its place.
    package static func move(_ finished: URL, to url: URL) throws {
        let path = url.path(percentEncoded: false)
        guard rename(finished.path(percentEncoded: false), path) == 0 else {
            throw InputError(
                .notWritable, "the finished file can't be moved to its place", in: path,
                remedy: "check that no folder has that name")
        }
    }

    /// Turns a file system error into one that names the output.
    package static func reportingFailures<Result>(of url: URL, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as InputError {
            throw error
        } catch {
            guard let code = error.fileSystemCode else { throw error }
            let path = url.path(percentEncoded: false)
            switch code {
            case ENOSPC, EDQUOT:
                throw InputError(
                    .notWritable, "no space left", in: path, remedy: "make room or choose another output path")
            case ENOENT, EACCES, ENOTDIR, EROFS, EPERM:
                throw InputError(
                    .notWritable, "no folder that can be written to", in: path,
                    remedy: "create the folder or choose another output path")
            default:
                throw InputError(
                    .notWritable, "a path that can't be written to (\(String(cString: strerror(code))))", in: path,
                    remedy: "check the disk or choose another output path")
            }
        }
    }

    /// Writes all of `data` to `url`, or nothing.
    public static func write(_ data: Data, to url: URL) throws {
        try write(to: url) { try $0.write(contentsOf: data) }
    }

    /// Makes a folder for results, with its parent folders, if it doesn't exist.
    ///
    /// - Throws: `InputError` of the kind `.notWritable` if that can't be done.
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
    /// The system's error number if reading or writing a file failed; nil for any other error.
    fileprivate var fileSystemCode: CInt? {
        let error = self as NSError
        if error.domain == NSPOSIXErrorDomain { return CInt(exactly: error.code) }
        guard error.domain == NSCocoaErrorDomain else { return nil }
        if let underlying = (error.userInfo[NSUnderlyingErrorKey] as? any Error)?.fileSystemCode { return underlying }
        if error.code == CocoaError.fileWriteOutOfSpace.rawValue { return ENOSPC }
        // The range of Cocoa's file errors.
        return (4..<1024).contains(error.code) ? EIO : nil
    }
}
