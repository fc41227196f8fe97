import DataFiles
import DataSets
import Directions
import Statistics
import TensorCore
import Transformer

/// Activations of labelled texts, for controls with shuffled labels and for controls of whole layers.
public struct TrainingActivations: Sendable {
    /// z of all heads, and the norms of the residual stream before each layer, as a search on the same texts collects
    /// them first.
    public let collection: HeadCollection
    /// The residual stream after each layer, [texts, L, 1, M].
    public let residual: ActivationTable
    /// The class and group of each text.
    public let rows: GroupedLabels

    /// z of all heads, [texts, L, H, D].
    public var z: ActivationTable { collection.table }

    /// Runs the model over the texts and keeps the mean of each site over the positions that are read.
    ///
    /// - Parameter onProgress: called with the number of texts that are done.
    /// - Throws: `InputError` if a text is too long or an activation is NaN or infinite; `CancellationError`.
    public init(
        _ texts: [PreparedText], model: LanguageModel, workers: WorkerPool, onProgress: (Int) -> Void = { _ in },
        isCancelled: @escaping () -> Bool = { Task.isCancelled }
    ) throws {
        (collection, residual) = try HeadCollection.withResidual(
            ActivationReading(model, texts), workers: workers, onProgress: onProgress, isCancelled: isCancelled)
        rows = GroupedLabels(texts)
    }

    /// The labels in random order, the same for all heads.
    ///
    /// Each class keeps its number of texts, but the labels mean nothing.
    func shuffledLabels(seed: UInt64) -> [Bool] {
        var random = SeededGenerator(seed: seed, stream: 7)
        var labels = rows.labels
        random.shuffle(&labels)
        return labels
    }
}
