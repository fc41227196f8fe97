import Foundation

extension AtomicOutput {
    /// A file that is being written beside its place, `.NAME.XXXXXXXX.writing`, and locked meanwhile: where its program is killed
    /// the lock goes, and the next one that writes in that place removes it.
    struct TemporaryFile {
        let url: URL
        let handle: FileHandle
        /// Holds the lock also after the handle is closed.
        private let lock: CInt

        /// Makes the file, empty, with a name of its own, so that two threads that write the same output don't write into
        /// each other's.
        init(for output: URL) throws {
            while true {
                let name = Self.start(of: output) + UUID().uuidString.prefix(Self.lettersOfName) + Self.end
                let url = output.deletingLastPathComponent().appending(path: name)
                let handle = try openFile(url, O_WRONLY | O_CREAT | O_EXCL)
                flock(handle.fileDescriptor, LOCK_EX)
                // Before it was locked somebody may have taken it for an abandoned one.
                guard access(url.path(percentEncoded: false), F_OK) == 0 else { continue }
                (self.url, self.handle) = (url, handle)
                lock = fcntl(handle.fileDescriptor, F_DUPFD_CLOEXEC, 0)
                return
            }
        }

        /// Says that nobody is writing the file any more.
        func unlock() { close(lock) }

        /// Removes those of an output that nobody is writing any more.
        ///
        /// - Complexity: O(files of the folder).
        static func removeAbandoned(of output: URL) {
            let folder = output.deletingLastPathComponent()
            let start = start(of: output)
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path(percentEncoded: false))) ?? []
            for name in names
            where name.hasPrefix(start) && name.hasSuffix(end) && name.count == start.count + lettersOfName + end.count
            {
                let path = folder.appending(path: name).path(percentEncoded: false)
                let descriptor = open(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
                guard descriptor >= 0 else { continue }
                if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { unlink(path) }
                close(descriptor)
            }
        }

        /// A part of the output's name, since names have a greatest length.
        private static func start(of output: URL) -> String { ".\(output.lastPathComponent.prefix(40))." }

        /// The letters between them, random.
        private static let lettersOfName = 8

        private static let end = ".writing"
    }
}
