import DataFiles
import Foundation

/// The files that a signature of a path covers.
struct SignedFiles {
    struct File: Sendable {
        let path: SignedPath
        let url: URL
    }

    /// The files, in the format's order.
    private(set) var files: [File] = []
    /// Items that can't be signed, with a description: links, and files that are neither regular files nor folders.
    private(set) var refused: [(path: SignedPath, what: String)] = []

    /// Lists the items at a path: the file itself, or every file in a folder and its subfolders, including hidden
    /// files.
    ///
    /// - Parameters:
    ///   - ignored: paths to skip, with everything below them.
    ///   - followsLinks: whether a link to a file stands for that file. Links to folders are always refused.
    /// - Throws: `InputError` if nothing is there or a folder can't be read.
    init(at url: URL, ignoring ignored: [SignedPath], followsLinks: Bool) throws {
        try add(url, SignedPath([]), ignored, followsLinks)
        files.sort { $0.path < $1.path }
        refused.sort { $0.path < $1.path }
    }

    private mutating func add(
        _ url: URL, _ path: SignedPath, _ ignored: [SignedPath], _ followsLinks: Bool
    ) throws {
        guard !ignored.contains(where: { path.isWithin($0) }) else { return }
        let place = url.path(percentEncoded: false)
        var status = stat()
        guard lstat(place, &status) == 0 else { throw InputError.missingFile(place) }
        if (status.st_mode & S_IFMT) == S_IFLNK {
            guard followsLinks else { return refused.append((path, "a symbolic link")) }
            guard stat(place, &status) == 0 else { return refused.append((path, "a link that leads nowhere")) }
            guard (status.st_mode & S_IFMT) != S_IFDIR else { return refused.append((path, "a link to a folder")) }
        }
        switch status.st_mode & S_IFMT {
        case S_IFREG: files.append(File(path: path, url: url))
        case S_IFDIR:
            guard let names = try? FileManager.default.contentsOfDirectory(atPath: place) else {
                throw InputError.missingFile(place, remedy: "make the folder readable")
            }
            for name in names { try add(url.appending(path: name), path.appending(name), ignored, followsLinks) }
        default: refused.append((path, "neither a file nor a folder"))
        }
    }
}
