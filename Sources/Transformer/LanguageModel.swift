import Checkpoints
import DataFiles
import Foundation
import TensorCore

/// A Llama-family model: its configuration and its immutable weights, mapped from the checkpoint.
///
/// A model holds nothing that changes: any number of runs, on any threads, share one. Nothing is ever installed in it;
/// what reads or edits a pass is given to that pass (``Run``).
public struct LanguageModel: Sendable {
    public let configuration: ModelConfiguration
    public let checkpoint: Checkpoint
    /// How whatever is given this model computes; ``Precision/exact`` unless it is set.
    public var precision: Precision = .exact
    let weights: ModelWeights
    let rotary: RotaryEmbedding

    /// Opens a `.gguf` file or a Hugging Face folder; weights are mapped, not read.
    ///
    /// - Throws: `InputError` where there is no model, it is broken, or its architecture is not supported.
    public init(contentsOf url: URL) throws {
        try self.init(Checkpoint(contentsOf: url))
    }

    /// Finds a checkpoint's configuration and weights.
    ///
    /// - Throws: `InputError` where the checkpoint is broken or its architecture is not supported.
    public init(_ checkpoint: Checkpoint) throws {
        self.checkpoint = checkpoint
        switch checkpoint {
        case .gguf(let file):
            var configuration = try ModelConfiguration(gguf: file)
            let tensors = Dictionary(uniqueKeysWithValues: file.tensors.map { ($0.name, $0) })
            let source = WeightSource(path: file.metadata.path) { tensors[$0] }
            if case .divisors = configuration.ropeScaling {
                configuration.ropeScaling = .divisors(
                    try source.vector("rope_freqs.weight", count: configuration.headSize / 2))
            }
            self.configuration = configuration
            self.weights = try ModelWeights(configuration, source: source, names: .gguf, interleavedRotation: true)
        case .huggingFace(let folder):
            self.configuration = try ModelConfiguration(huggingFace: folder)
            // As in transformers, the configuration says which layers have biases, not the file.
            let attention = try folder.configuration.bool("attention_bias") ?? false
            let mlp = try folder.configuration.bool("mlp_bias") ?? false
            let source = WeightSource(
                path: folder.path,
                hasBias: { $0.contains(".self_attn.") ? attention : $0.contains(".mlp.") ? mlp : false },
                find: folder.weights)
            self.weights = try ModelWeights(
                configuration, source: source, names: .huggingFace, interleavedRotation: false)
        }
        self.rotary = RotaryEmbedding(
            headSize: configuration.headSize, base: configuration.ropeBase, scaling: configuration.ropeScaling)
    }

    /// The SHA-256 of the configuration and of every weight, in the form that plans record: `sha256:…`.
    ///
    /// O(size of the model): it is computed only where it is asked for.
    public func fingerprint(workers: WorkerPool) throws -> String {
        try checkpoint.fingerprint(configuration: "\(configuration)", workers: workers)
    }
}
