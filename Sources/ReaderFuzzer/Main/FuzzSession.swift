import DataFiles
import Foundation

/// Gives inputs to one target: lays each down as a file, with what has to lie beside it, and reads it.
struct FuzzSession {
    let target: FuzzTarget
    private let file: URL

    /// - Parameters:
    ///   - fixtures: `Fixtures/fuzz`.
    ///   - folder: where the target's folder is made; the last input that was tried stays there.
    init(_ target: FuzzTarget, fixtures: URL, folder: URL) throws {
        self.target = target
        let place = folder.appending(path: target.name)
        try AtomicOutput.makeFolder(place)
        file = place.appending(path: target.file)
        for source in try Self.files(in: fixtures.appending(path: "beside/\(target.name)")) {
            let copy = place.appending(path: source.lastPathComponent)
            try? FileManager.default.removeItem(at: copy)
            try FileManager.default.copyItem(at: source, to: copy)
        }
    }

    /// The regular files of a folder, by name; none where there is no folder.
    static func files(in folder: URL) throws -> [URL] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path(percentEncoded: false))) ?? []
        return names.sorted().map { folder.appending(path: $0) }
    }

    /// The target's kept inputs: those that mutations begin with, and those that were found to do harm once.
    static func corpus(_ target: FuzzTarget, fixtures: URL) throws -> [URL] {
        try files(in: fixtures.appending(path: "corpus/\(target.name)"))
    }

    /// Where the input is that is being read, or was the last.
    var place: String { file.path(percentEncoded: false) }

    func run(_ input: some Sequence<UInt8>) throws {
        try Data(input).write(to: file)
        try target.read(file)
    }
}
