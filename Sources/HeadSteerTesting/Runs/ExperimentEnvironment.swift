import DataFiles
import Foundation

/// The settings for an experiment, read from environment variables because a test runner passes no other arguments.
public struct ExperimentEnvironment: Sendable, Equatable {
    /// `HEADSTEER_SEED`; 0 if it isn't set, so that runs are repeatable.
    public var seed: UInt64
    /// `HEADSTEER_ARTEFACTS`, the folder for the files of experiments; by default one in the temporary folder.
    public var folder: URL

    /// - Throws: `InputError` if the seed is not a whole number.
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
