import DataFiles
import Foundation

/// The item to sign: a file, or a folder with everything in it except for ignored paths.
public struct SigningScope: Sendable {
    /// The file or folder.
    public let url: URL
    /// Paths to skip, relative to the folder, with everything below them.
    public let ignored: [String]
    /// Whether a link to a file stands for that file; if not, such links are refused.
    ///
    /// A link to a folder is always refused.
    public let followsLinks: Bool

    /// Git's files in a folder, which are skipped when the folder is signed, as in `model-signing`.
    public static let gitPaths = [".git", ".gitattributes", ".github", ".gitignore"]

    /// - Parameters:
    ///   - ignored: files or folders to skip, as paths relative to the folder or absolute paths inside it.
    ///   - outputs: files of the signature itself, which may be in the folder and are skipped too.
    /// - Throws: `InputError` if nothing is at the path, or if an ignored path is not inside the folder.
    public init(_ url: URL, ignoring ignored: [String] = [], outputs: [URL] = [], followsLinks: Bool = false) throws {
        let path = url.path(percentEncoded: false)
        guard FileManager.default.fileExists(atPath: path) else {
            throw InputError.missingFile(path, remedy: "give the path of a file or of a folder")
        }
        // If the given path is itself a link, that was chosen on purpose: its target is signed.
        self.url = url.resolvingSymlinksInPath()
        self.followsLinks = followsLinks
        guard url.isFolder else {
            self.ignored = []
            return
        }
        let paths = try ignored.map { text in
            var pieces = text.split(separator: "/").map(String.init).filter { $0 != "." }
            if text.hasPrefix("/") { pieces = Self.path(of: URL(filePath: text), in: url)?.components ?? [] }
            guard !pieces.isEmpty, !pieces.contains("..") else {
                throw InputError.usage(
                    "the ignored path \(text) is not part of \(path)", remedy: "give a path relative to that folder")
            }
            return SignedPath(pieces).text
        }
        self.ignored = paths + outputs.compactMap { Self.path(of: $0, in: url)?.text }
    }

    /// The last component of the path, which is the signed item's name in the format.
    var name: String { url.standardizedFileURL.lastPathComponent }

    /// The path of a file relative to a folder; nil if the file is elsewhere.
    private static func path(of file: URL, in folder: URL) -> SignedPath? {
        let parent = file.standardizedFileURL.deletingLastPathComponent().resolvingSymlinksInPath().pathComponents
        let components = folder.standardizedFileURL.resolvingSymlinksInPath().pathComponents
        guard parent.starts(with: components) else { return nil }
        return SignedPath(Array(parent.dropFirst(components.count)) + [file.lastPathComponent])
    }
}
