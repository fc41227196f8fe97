import Foundation
import Opening
import Synchronization

/// An experiment that is under way: its seed, its folder and what its cases found. Any number of tests use one.
public final class ExperimentRun: Sendable {
    /// The experiment's name, and its folder's.
    public let name: String
    /// What its random numbers begin with.
    public let seed: UInt64
    /// Where its files go.
    public let store: ArtefactStore
    private let began = Date()
    private let record: Mutex<ExperimentRecord>

    /// - Parameter name: also of the experiment's folder within the environment's.
    /// - Throws: `InputError` if the folder can't be made.
    public init(_ name: String, in environment: ExperimentEnvironment) throws {
        self.name = name
        seed = environment.seed
        store = try ArtefactStore(environment.folder.appending(path: name))
        record = Mutex(ExperimentRecord(name, seed: environment.seed))
    }

    /// Notes what a case found, in the place of one of the same name.
    public func add(_ case: ExperimentRecord.Case) { record.withLock { $0.add(`case`) } }

    /// Writes `results.json`, `results.xml` and `manifest.json`.
    ///
    /// - Parameter model: nil where no case needed one.
    /// - Returns: where they are.
    /// - Throws: `InputError` if one can't be written.
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
