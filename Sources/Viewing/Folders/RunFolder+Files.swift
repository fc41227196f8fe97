import DataFiles
import Foundation

extension RunFolder {
    /// The files of a folder that may be read for a page, selected by their extensions.
    ///
    /// - Throws: `InputError` if there is no such folder.
    public static func readable(_ folder: URL) throws -> [URL] {
        try files(folder).filter { ["json", "jsonl", "safetensors"].contains($0.pathExtension) }
    }

    /// The files of a folder and of its subfolders, sorted by name.
    static func files(_ folder: URL) throws -> [URL] {
        let path = folder.path(percentEncoded: false)
        guard FileManager.default.fileExists(atPath: path) else {
            throw InputError.missingFile(path, remedy: "give the folder that a search or another command wrote")
        }
        guard folder.isFolder else {
            throw InputError.usage("\(path) is a file", remedy: "give the folder that it is in")
        }
        func contents(_ folder: URL, deeper: Bool) throws -> [URL] {
            let path = folder.path(percentEncoded: false)
            guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else {
                throw InputError.missingFile(path, remedy: "make it readable, or move it out of the run's folder")
            }
            return try names.sorted().filter { !$0.hasPrefix(".") }.flatMap { name -> [URL] in
                let url = folder.appending(path: name)
                // Follows links to their targets. Pipes and devices are not read.
                let target = url.resolvingSymlinksInPath().path(percentEncoded: false)
                switch try? FileManager.default.attributesOfItem(atPath: target)[.type] as? FileAttributeType {
                case .typeDirectory: return deeper ? try contents(url, deeper: false) : []
                case .typeRegular: return [url]
                default: return []
                }
            }
        }
        return try contents(folder, deeper: true)
    }
}
