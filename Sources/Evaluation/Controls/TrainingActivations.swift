import DataFiles
import DataSets
import Directions
import Statistics
import TensorCore
import Transformer

/// Activations of labelled texts, for controls: the same heads with other labels, whole layers with the same ones.
public struct TrainingActivations: Sendable {
    /// z of all heads, [texts, L, H, D].
    public let z: ActivationTable
    /// The residual stream after each layer, [texts, L, 1, M].
    public let residual: ActivationTable
    /// The class and group of each text.
    public let rows: GroupedLabels
    /// The group of each text.
    let groups: [String]

    /// Takes the texts through the model and keeps both sites, each text's mean over the positions that are read.
    ///
    /// - Throws: `InputError` if a text is too long or an activation is NaN or infinite; `CancellationError`.
    public init(
        _ texts: [PreparedText], model: LanguageModel, workers: WorkerPool,
        isCancelled: @escaping () -> Bool = { Task.isCancelled }
    ) throws {
        let c = model.configuration
        let (wide, width) = (c.layers * c.heads * c.headSize, c.layers * c.width)
        var zValues = [Float](repeating: 0, count: texts.count * wide)
        var residualValues = [Float](repeating: 0, count: texts.count * width)
        let run = Run(model, workers: workers)
        run.isCancelled = isCancelled
        let sites = (0..<c.layers).map { Site.z($0) } + (0..<c.layers).map { Site.residualPost($0) }
        for batch in try ActivationReading(model, texts).batches {
            run.sequences = batch.map { model.makeSequence(promptCount: texts[$0].tokens.count) }
            let steps = batch.enumerated().map { index, text in
                let read = texts[text].positions
                let rule = PositionRule.range(from: read.lowerBound, to: read.upperBound)
                return Step(
                    sequence: index, tokens: texts[text].tokens, reads: sites.map { Read($0, at: rule) }, logits: nil)
            }
            for (text, result) in zip(batch, try run.advance(steps)) {
                for (index, read) in result.reads.enumerated() {
                    let mean = read.values.columnMeans().elements
                    if index < c.layers {
                        let start = text * wide + index * mean.count
                        zValues.replaceSubrange(start..<start + mean.count, with: mean)
                    } else {
                        let start = text * width + (index - c.layers) * mean.count
                        residualValues.replaceSubrange(start..<start + mean.count, with: mean)
                    }
                }
            }
        }
        z = try ActivationTable(
            values: zValues, examples: texts.count, layers: c.layers, heads: c.heads, headSize: c.headSize)
        residual = try ActivationTable(
            values: residualValues, examples: texts.count, layers: c.layers, heads: 1, headSize: c.width)
        groups = texts.map(\.group)
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
