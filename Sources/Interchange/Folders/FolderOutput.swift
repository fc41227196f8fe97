import DataFiles
import Foundation

/// Writes a folder under a temporary name and then renames it, so that nobody ever sees a half-written folder.
enum FolderOutput {
    /// Fills a new folder and moves it to `url`, where there must be no folder or an empty one.
    ///
    /// If `body` throws, its output is removed and the error is rethrown. Leftovers of programs that were killed while
    /// writing there are removed first.
    ///
    /// - Throws: `InputError` if the path is taken or can't be written to, and any error that `body` throws.
    static func write(to url: URL, _ body: (_ folder: URL) throws -> Void) throws {
        let target = URL(filePath: url.path(percentEncoded: false), directoryHint: .isDirectory).standardizedFileURL
        try ModelPlace.checkFree(target)
        try AtomicOutput.reportingFailures(of: target) {
            UnfinishedOutput.removeAbandoned(of: target)
            let unfinished = try UnfinishedOutput.folder(for: target)
            defer { unfinished.end() }
            try body(unfinished.url)
            try ModelPlace.move(unfinished.url, to: target)
        }
    }

    /// Copies the files beside the weights (tokenizer, templates, generation settings, licence) as regular files.
    ///
    /// Hidden files, folders and weights in any format are not copied, since they would be the original's.
    ///
    /// - Parameter except: names of files that are not copied.
    static func copyCompanions(of source: URL, to folder: URL, except: Set<String>) throws {
        let manager = FileManager.default
        let names = try manager.contentsOfDirectory(atPath: source.path(percentEncoded: false)).sorted()
        for name in names where !name.hasPrefix(".") && !except.contains(name) {
            guard !weightExtensions.contains((name as NSString).pathExtension.lowercased()) else { continue }
            // Download caches hold links; the copy holds the files that they point to.
            let file = source.appending(path: name).resolvingSymlinksInPath()
            let attributes = try? manager.attributesOfItem(atPath: file.path(percentEncoded: false))
            guard attributes?[.type] as? FileAttributeType == .typeRegular else { continue }
            try manager.copyItem(at: file, to: folder.appending(path: name))
        }
    }

    private static let weightExtensions: Set<String> = [
        "safetensors", "bin", "pt", "pth", "ckpt", "gguf", "h5", "msgpack", "onnx", "npz",
    ]
}
