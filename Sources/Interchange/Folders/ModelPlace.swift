import DataFiles
import Foundation

/// Checks the paths at which models are stored, and moves finished models there.
public enum ModelPlace {
    /// Checks that a model file can be stored at a path: a device can't hold one, and renaming over it would replace
    /// it.
    ///
    /// - Throws: `InputError` of the kind `.usage` if there is something other than a file.
    public static func check(_ url: URL) throws {
        let path = url.path(percentEncoded: false)
        var status = stat()
        guard stat(path, &status) == 0, (status.st_mode & S_IFMT) != S_IFREG else { return }
        throw InputError(
            .usage, "a place that can't hold a model file", in: path, remedy: "give the path of a file")
    }

    /// Checks that a folder can be stored at a path: there must be no folder or an empty one.
    ///
    /// - Throws: `InputError` of the kind `.usage` if the path is taken.
    public static func checkFree(_ url: URL) throws {
        let path = url.path(percentEncoded: false)
        let manager = FileManager.default
        guard manager.fileExists(atPath: path), (try? manager.contentsOfDirectory(atPath: path))?.isEmpty != true
        else { return }
        throw InputError(
            .usage, "a place that is taken already", in: path,
            remedy: "give the path of a folder that doesn't exist yet")
    }

    /// Moves a finished file or folder to its path, and replaces a file or an empty folder there.
    ///
    /// - Throws: `InputError` if that fails.
    public static func move(_ finished: URL, to url: URL) throws {
        guard rename(finished.path(percentEncoded: false), url.path(percentEncoded: false)) == 0 else {
            throw InputError(
                .badData, "the finished model can't be moved to its place", in: url.path(percentEncoded: false),
                remedy: "check that nothing else has that name")
        }
    }
}
