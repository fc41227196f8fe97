import DataFiles
import DataSets
import Directions
import Statistics
import TensorCore
import Transformer

/// Activations of labelled texts, for controls: the same heads with other labels, whole layers with the same ones.
public struct TrainingActivations: Sendable {
    /// z of all heads, and the norms of the residual stream before each layer: what a search of the same texts begins with.
    public let collection: HeadCollection
    /// The residual stream after each layer, [texts, L, 1, M].
    public let residual: ActivationTable
    /// The class and group of each text.
    public let rows: GroupedLabels

    /// z of all heads, [texts, L, H, D].
    public var z: ActivationTable { collection.table }

    /// Takes the texts through the model and keeps both sites, each text's mean over the positions that are read.
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

    /// The labels in another order: as many of either class, meaning nothing. The same for all heads.
    func shuffledLabels(seed: UInt64) -> [Bool] {
        var random = SeededGenerator(seed: seed, stream: 7)
        var labels = rows.labels
        random.shuffle(&labels)
        return labels
    }
}
