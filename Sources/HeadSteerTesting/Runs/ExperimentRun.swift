import Foundation
import Opening
import Synchronization

/// A running experiment: its seed, its folder and the findings of its cases.
///
/// Any number of tests can use the same run.
public final class ExperimentRun: Sendable {
    /// The name of the experiment and of its folder.
    public let name: String
    /// The seed of its random numbers.
    public let seed: UInt64
    /// The store for its files.
    public let store: ArtefactStore
    private let began = Date()
    private let record: Mutex<ExperimentRecord>

    /// - Parameter name: the name of the experiment, and of its folder within that of the environment.
    /// - Throws: `InputError` if the folder can't be created.
    public init(_ name: String, in environment: ExperimentEnvironment) throws {
        self.name = name
        seed = environment.seed
        store = try ArtefactStore(environment.folder.appending(path: name))
        record = Mutex(ExperimentRecord(name, seed: environment.seed))
    }

    /// Records the findings of a case, and replaces those of a case with the same name.
    public func add(_ case: ExperimentRecord.Case) { record.withLock { $0.add(`case`) } }

    /// Writes `results.json`, `results.xml` and `manifest.json`.
    ///
    /// - Parameter model: nil if no case needed one.
    /// - Returns: the files' paths.
    /// - Throws: `InputError` if a file can't be written.
    public func finish(model: TextModel?) throws -> [URL] {
        let record = record.withLock { $0 }
        let results = [
            try store.write(json: record, as: "results.json"),
            try store.write(Data(record.junit.utf8), as: "results.xml"),
        ]
        let manifest = try RunManifest(
            experiment: name, seed: seed, model: model, began: began, artefacts: store.artefacts)
        return results + [try store.write(json: manifest, as: "manifest.json")]
    }
}
