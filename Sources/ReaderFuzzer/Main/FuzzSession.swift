import DataFiles
import Foundation

/// Gives inputs to one target: writes each to a file, together with the companion files that it needs, and reads it.
struct FuzzSession {
    let target: FuzzTarget
    private let file: URL

    /// - Parameters:
    ///   - fixtures: `Fixtures/fuzz`.
    ///   - folder: where the target's folder is created; the last input stays there.
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

    /// The contents of a folder, sorted by name; empty if there is no folder.
    static func files(in folder: URL) throws -> [URL] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path(percentEncoded: false))) ?? []
        return names.sorted().map { folder.appending(path: $0) }
    }

    /// The target's stored inputs: those that mutations start from, and those that once did harm.
    static func corpus(_ target: FuzzTarget, fixtures: URL) throws -> [URL] {
        try files(in: fixtures.appending(path: "corpus/\(target.name)"))
    }

    /// The path of the input that is being read or was read last.
    var place: String { file.path(percentEncoded: false) }

    func run(_ input: some Sequence<UInt8>) throws {
        try Data(input).write(to: file)
        try target.read(file)
    }
}
