import DataFiles
import Foundation
import Opening
import Synchronization

/// A model that all tests in a process share, and that is opened once, when the first test asks for it.
public struct SharedModel: Sendable, Hashable, CustomStringConvertible {
    /// The model's name in messages.
    public let name: String
    /// The model's path; nil if none was given.
    public let file: URL?
    /// How to get the model, for a person who sees that a test was skipped.
    public let remedy: String

    /// - Parameters:
    ///   - file: a `.gguf` file or a Hugging Face folder with a tokenizer.
    ///   - remedy: how to get it, such as a command.
    public init(_ file: URL, remedy: String) {
        name = file.lastPathComponent
        self.file = file
        self.remedy = remedy
    }

    /// Creates the model whose path an environment variable gives.
    public init(environment variable: String = "HEADSTEER_MODEL") {
        let path = ProcessInfo.processInfo.environment[variable].flatMap { $0.isEmpty ? nil : $0 }
        file = path.map { URL(filePath: $0) }
        name = file?.lastPathComponent ?? "the model of \(variable)"
        remedy = path == nil ? "set \(variable) to a model's path" : "check the path in \(variable)"
    }

    /// The planted model of the package (``PlantedModel``).
    public static let planted = SharedModel(
        PlantedModel.file, remedy: "run the tests in the package's checkout")

    public var description: String { name }

    /// The reason that tests that need the model can't run; nil if the model exists.
    ///
    /// A model that exists but doesn't open is not a reason to skip, but an error.
    public var reasonToSkip: String? {
        if let file, FileManager.default.fileExists(atPath: file.path(percentEncoded: false)) { return nil }
        return "\(name) isn't there; \(remedy)"
    }

    /// The model, which every call after the first returns again.
    ///
    /// Concurrent callers wait until the first one has opened it.
    ///
    /// - Throws: `InputError` if the model doesn't exist, is broken or isn't supported.
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

    // One of two pieces of state here that the whole process shares, which is the purpose of this type. A lock protects
    // it, and its entries never change.
    private static let opened = Mutex<[String: TextModel]>([:])

    /// The model that a trait opened for the running test.
    @TaskLocal package static var current: TextModel?
}
