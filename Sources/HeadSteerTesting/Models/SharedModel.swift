import DataFiles
import Foundation
import Opening
import Synchronization

/// A model that all tests of a process share: it is opened when the first of them asks for it, once.
public struct SharedModel: Sendable, Hashable, CustomStringConvertible {
    /// What messages call it.
    public let name: String
    /// Where it is; nil where nobody said.
    public let file: URL?
    /// What brings it, for whoever reads that a test was skipped.
    public let remedy: String

    /// - Parameters:
    ///   - file: a `.gguf` file or a Hugging Face folder with a tokenizer.
    ///   - remedy: how to get it, such as a command.
    public init(_ file: URL, remedy: String) {
        name = file.lastPathComponent
        self.file = file
        self.remedy = remedy
    }

    /// The model whose path an environment variable gives.
    public init(environment variable: String = "HEADSTEER_MODEL") {
        let path = ProcessInfo.processInfo.environment[variable].flatMap { $0.isEmpty ? nil : $0 }
        file = path.map { URL(filePath: $0) }
        name = file?.lastPathComponent ?? "the model of \(variable)"
        remedy = path == nil ? "set \(variable) to a model's path" : "check the path in \(variable)"
    }

    /// The planted model of the package (``PlantedModel``).
    public static let planted = SharedModel(
        PlantedModel.file, remedy: "run the tests where the package's checkout is")

    public var description: String { name }

    /// Why tests that need the model can't run; nil where it is there. A model that is there and doesn't open is no reason: that is
    /// an error.
    public var reasonToSkip: String? {
        if let file, FileManager.default.fileExists(atPath: file.path(percentEncoded: false)) { return nil }
        return "\(name) isn't there; \(remedy)"
    }

    /// The model, from the first call on the same one. Callers at the same time wait for the one that opens it.
    ///
    /// - Throws: `InputError` if it isn't there, is broken or isn't understood.
    public func open() throws -> TextModel {
        guard let file else { throw InputError(.missingFile, "no model", remedy: remedy) }
        return try Self.opened.withLock { opened in
            let path = file.standardizedFileURL.path(percentEncoded: false)
            if let model = opened[path] { return model }
            let model = try TextModel(contentsOf: file)
            opened[path] = model
            return model
        }
    }

    // One of the two things that a process has in common here: the point of this type. It is under a lock, and what is in it never
    // changes.
    private static let opened = Mutex<[String: TextModel]>([:])

    /// The model that a trait opened for the test that runs.
    @TaskLocal package static var current: TextModel?
}
