import Foundation
import Opening
import TensorCore
import Transformer

/// The information needed to repeat a run and to recognise it: fingerprints, but never paths or prompts.
public struct RunManifest: Sendable, Codable, Equatable {
    /// The experiment's name.
    public var experiment: String
    /// The seed of all random numbers.
    public var seed: UInt64
    /// The model's fingerprint, as plans record it; nil for a run without a model.
    public var model: String?
    /// `exact` or `fast`; nil without a model.
    public var precision: String?
    /// The number of worker threads; results don't depend on it.
    public var threads: Int?
    /// The processor's architecture; the exact bits depend on it and on its instruction set.
    public var architecture: String
    /// The operating system, with its version.
    public var system: String
    /// When the run began.
    public var began: Date
    /// The duration of the run.
    public var seconds: Double
    /// The files that it wrote, with their digests.
    public var artefacts: [Artefact]

    /// - Parameter model: the model, whose fingerprint is computed: O(size of the model).
    /// - Throws: `InputError` if the model's file can't be read.
    public init(
        experiment: String, seed: UInt64, model: TextModel?, began: Date, artefacts: [Artefact] = [],
        ended: Date = Date()
    ) throws {
        self.experiment = experiment
        self.seed = seed
        self.model = try model?.model.fingerprint(workers: model?.workers ?? WorkerPool(count: 1))
        precision = model.map { "\($0.model.precision)" }
        threads = model?.workers.count
        #if arch(x86_64)
            architecture = "x86_64"
        #elseif arch(arm64)
            architecture = "arm64"
        #else
            architecture = "other"
        #endif
        system = ProcessInfo.processInfo.operatingSystemVersionString
        self.began = began
        seconds = ended.timeIntervalSince(began)
        self.artefacts = artefacts
    }
}
