import Checkpoints
import DataFiles
import Foundation
import TensorCore

/// A language model: its configuration and its immutable weights.
///
/// A model holds nothing that changes, so any number of runs, on any threads, can share one. Nothing is ever installed
/// in it: reads and edits are given to each pass (``Run``).
public struct LanguageModel: Sendable {
    /// The model's sizes and the structure of its blocks.
    public let configuration: ModelConfiguration
    /// The file or folder that the weights come from.
    public let checkpoint: Checkpoint
    /// The precision of everything that computes with this model; ``Precision/exact`` unless it is set.
    public var precision: Precision = .exact
    package let weights: ModelWeights
    /// Whether the weights have been packed; see ``WeightPlacement``.
    public let hasPackedWeights: Bool
    /// How the checkpoint stores the weights.
    let layout: TensorLayout
    /// The rotary embeddings that the blocks use; `rotaryOfLayer` holds the index of each block's.
    package let rotaries: [RotaryEmbedding]
    package let rotaryOfLayer: [Int?]

    /// The names of the supported architectures, in GGUF files and in `config.json`.
    public static var supportedArchitectures: [String] { Architectures.names }

    /// Opens a `.gguf` file or a Hugging Face folder.
    ///
    /// - Parameters:
    ///   - placement: where the weights are kept; results don't depend on it.
    ///   - threads: how many threads pack them; by default as many as the processor has cores.
    /// - Throws: `InputError` if there is no model, it is broken, or something in it is not understood.
    public init(
        contentsOf url: URL, placement: WeightPlacement = .automatic,
        threads: Int = ProcessInfo.processInfo.activeProcessorCount
    ) throws {
        try self.init(Checkpoint(contentsOf: url), placement: placement, threads: threads)
    }

    /// Creates a model from a checkpoint's configuration and weights.
    ///
    /// - Throws: `InputError` if the checkpoint is broken, or something in it is not understood.
    public init(
        _ checkpoint: Checkpoint, placement: WeightPlacement = .automatic,
        threads: Int = ProcessInfo.processInfo.activeProcessorCount
    ) throws {
        self.checkpoint = checkpoint
        let description = try Architectures.describe(checkpoint)
        let source =
            switch checkpoint {
            case .gguf(let file): WeightSource(file)
            case .huggingFace(let folder): WeightSource(folder)
            }
        let configuration = description.configuration
        // The settings have read these tensors if the scaling uses them; otherwise nothing does.
        for rotary in configuration.rotaries {
            switch rotary.scaling {
            case .divisors: source.use("rope_freqs.weight")
            case .longRope: for name in ["short", "long"] { source.use("rope_factors_\(name).weight") }
            case .none, .linear, .llama3, .yarn: break
            }
        }
        self.configuration = configuration
        layout = description.layout
        (weights, hasPackedWeights) = try WeightReader(
            configuration: configuration, layout: description.layout, source: source
        ).read().placed(placement, threads: threads)
        let rotaries = configuration.rotaries
        self.rotaries = rotaries.map { RotaryEmbedding($0) }
        rotaryOfLayer = configuration.blocks.map { block in block.attention.rotary.flatMap(rotaries.firstIndex) }
    }

    /// The SHA-256 of the configuration and of every weight, in the form that plans record: `sha256:…`.
    ///
    /// O(size of the model): it is computed at each call.
    public func fingerprint(workers: WorkerPool) throws -> String {
        try configuration.fingerprint(of: checkpoint, workers: workers, letsPagesGo: hasPackedWeights)
    }
}
