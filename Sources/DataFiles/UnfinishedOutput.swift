import Foundation

/// A file or a folder that is being written beside its place, as `.NAME.XXXXXXXX.writing`, and locked meanwhile.
///
/// If its program is killed, the lock goes, and the next program that writes to that place removes it.
package struct UnfinishedOutput {
    package let url: URL
    private let lock: CInt

    /// Makes an empty folder with a name of its own.
    ///
    /// - Throws: `POSIXError`.
    package static func folder(for output: URL) throws -> UnfinishedOutput {
        while true {
            let url = place(for: output)
            let path = url.path(percentEncoded: false)
            guard mkdir(path, 0o777) == 0 else { throw POSIXError.last }
            let descriptor = open(path, folderFlags)
            // Gone already: somebody removed the folder as abandoned. Any other error would come again.
            if descriptor < 0, errno != ENOENT {
                let error = POSIXError.last
                rmdir(path)
                throw error
            }
            if descriptor >= 0, let folder = UnfinishedOutput(url, lockedBy: descriptor) { return folder }
        }
    }

    /// Makes an empty file with a name of its own, so that two threads writing the same output don't write into each
    /// other's file.
    ///
    /// - Throws: `POSIXError`.
    static func file(for output: URL) throws -> (UnfinishedOutput, FileHandle) {
        while true {
            let url = place(for: output)
            let handle = try AtomicOutput.openFile(url, O_WRONLY | O_CREAT | O_EXCL)
            // Holds the lock even after the handle is closed.
            let lock = fcntl(handle.fileDescriptor, F_DUPFD_CLOEXEC, 0)
            if let file = UnfinishedOutput(url, lockedBy: lock) { return (file, handle) }
        }
    }

    /// Nil if somebody removed the new file or folder as abandoned before it was locked.
    private init?(_ url: URL, lockedBy descriptor: CInt) {
        flock(descriptor, LOCK_EX)
        guard access(url.path(percentEncoded: false), F_OK) == 0 else {
            close(descriptor)
            return nil
        }
        (self.url, lock) = (url, descriptor)
    }

    /// Removes whatever was not moved to its place, and releases the lock.
    package func end() {
        try? FileManager.default.removeItem(at: url)
        close(lock)
    }

    /// Removes the unfinished versions of an output that nobody is writing any more.
    ///
    /// - Complexity: O(files in the output's folder).
    package static func removeAbandoned(of output: URL) {
        let parent = output.deletingLastPathComponent()
        let start = start(of: output)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: parent.path(percentEncoded: false))) ?? []
        for name in names
        where name.hasPrefix(start) && name.hasSuffix(end) && name.count == start.count + lettersOfName + end.count {
            let url = parent.appending(path: name)
            let path = url.path(percentEncoded: false)
            var descriptor = open(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
            if descriptor < 0, errno == EISDIR { descriptor = open(path, folderFlags) }
            guard descriptor >= 0 else { continue }
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { try? FileManager.default.removeItem(at: url) }
            close(descriptor)
        }
    }

    private static func place(for output: URL) -> URL {
        output.deletingLastPathComponent().appending(
            path: start(of: output) + UUID().uuidString.prefix(lettersOfName) + end, directoryHint: .notDirectory)
    }

    /// Begins with a part of the output's name, since names have a maximum length.
    private static func start(of output: URL) -> String { ".\(output.lastPathComponent.prefix(40))." }

    /// How many random letters stand between the start and the end.
    private static let lettersOfName = 8

    private static let end = ".writing"

    private static let folderFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
}

extension POSIXError {
    /// The error of the last failed system call.
    static var last: POSIXError { POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
}
