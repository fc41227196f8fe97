import DataFiles
import Foundation

/// What is signed: a file, or a folder with all that lies under it but some paths.
public struct SigningScope: Sendable {
    /// A file or a folder.
    public let url: URL
    /// Paths relative to the folder that are passed over, with all that lies under them.
    public let ignored: [String]
    /// Whether a link to a file stands for that file; otherwise links are refused. One to a folder is refused always.
    public let followsLinks: Bool

    /// What git keeps in a folder; it is passed over when a folder is signed, as `model-signing` does.
    public static let gitPaths = [".git", ".gitattributes", ".github", ".gitignore"]

    /// - Parameters:
    ///   - ignored: files or folders that are passed over: relative to the folder, or outside of it, where they have no effect.
    ///   - outputs: files that may be in the folder and belong to the signature: they are passed over as well.
    /// - Throws: `InputError` where nothing is at the path, or an ignored path leads upwards.
    public init(_ url: URL, ignoring ignored: [String] = [], outputs: [URL] = [], followsLinks: Bool = false) throws {
        let path = url.path(percentEncoded: false)
        guard FileManager.default.fileExists(atPath: path) else {
            throw InputError.missingFile(path, remedy: "give the path of a file or of a folder")
        }
        // A link as the path itself is what somebody chose; what is signed is what it leads to.
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
                    "the ignored path \(text) is no part of \(path)", remedy: "give a path relative to that folder")
            }
            return SignedPath(pieces).text
        }
        self.ignored = paths + outputs.compactMap { Self.path(of: $0, in: url)?.text }
    }

    /// The last component of the path, by which the format calls what is signed.
    var name: String { url.standardizedFileURL.lastPathComponent }

    /// Where a file lies in a folder; nil where it lies elsewhere.
    private static func path(of file: URL, in folder: URL) -> SignedPath? {
        let parent = file.standardizedFileURL.deletingLastPathComponent().resolvingSymlinksInPath().pathComponents
        let components = folder.standardizedFileURL.resolvingSymlinksInPath().pathComponents
        guard parent.starts(with: components) else { return nil }
        return SignedPath(Array(parent.dropFirst(components.count)) + [file.lastPathComponent])
    }
}
