import DataFiles
import Foundation

/// What whoever runs an experiment decides about it, by environment variables: a test runner has no other arguments.
public struct ExperimentEnvironment: Sendable, Equatable {
    /// `HEADSTEER_SEED`; 0 where it isn't set, so that runs are the same.
    public var seed: UInt64
    /// `HEADSTEER_ARTEFACTS`, the folder for what experiments write; by default one in the folder for temporary files.
    public var folder: URL

    /// - Throws: `InputError` if the seed is no whole number.
    public init(_ environment: [String: String] = ProcessInfo.processInfo.environment) throws {
        let text = environment["HEADSTEER_SEED"] ?? ""
        guard let seed = text.isEmpty ? 0 : UInt64(text) else {
            throw InputError.usage(
                "the seed \(text) in HEADSTEER_SEED", remedy: "give a whole number from 0 to \(UInt64.max)")
        }
        self.seed = seed
        let path = environment["HEADSTEER_ARTEFACTS"] ?? ""
        folder =
            path.isEmpty
            ? FileManager.default.temporaryDirectory.appending(path: "headsteer-artefacts") : URL(filePath: path)
    }
}
