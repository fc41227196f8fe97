import DataFiles
import TensorCore
import Transformer

/// Two ways to notice steering that know nothing of heads, to compare a monitor with.
///
/// They are fitted on the same texts, with thresholds at the same rate of false alarms per answer.
///
/// - The *layers*: what each block adds to the residual stream, by the same statistics as z of the heads (standardised
///   Mahalanobis distances with Ledoit-Wolf covariances, and their moving averages), with one vector of M values per
///   layer.
/// - The *perplexity* of the text for the model that writes it, edits included: the mean of −ln p of its tokens, too
///   high or too low.
public struct BaselineDetectors: Sendable {
    let envelope: HeadEnvelope
    let standards: HeadStandards
    let positions: WatchedPositions
    let smoothing: Double
    /// The median of −ln p on the texts used for fitting, and its distances from their 99 % and 1 % quantiles.
    private var perplexity: (median: Double, above: Double, below: Double)
    /// The score of the layers that a text must pass to be flagged, at the monitor's rate of false alarms.
    public internal(set) var layerThreshold: Double
    /// The standardised perplexity that a text must pass to be flagged, at the same rate.
    public internal(set) var perplexityThreshold: Double

    /// Fits both, on the parts of the texts that a monitor would be fitted and calibrated on with the same options.
    ///
    /// - Throws: the errors of
    ///   ``MonitorFitting/fit(_:behaviours:fingerprint:writtenTokens:provenance:file:onProgress:)``.
    public init(
        _ texts: [WatchedText], model: LanguageModel, workers: WorkerPool, options: FitOptions,
        isCancelled: @escaping () -> Bool = { Task.isCancelled }
    ) throws {
        let split = try TextSplit(
            groups: texts.map(\.group), rate: options.falseAlarms, seed: options.seed, file: "the clean texts")
        var fitting = EnvelopeFitting(model, workers: workers, .residualDifferences, options)
        fitting.isCancelled = isCancelled
        let fitted = try fitting.fit(
            split.fit.map { texts[$0] }, folds: split.foldOfFit, FitProgress(all: 1, report: { _, _ in }),
            file: "the clean texts")
        var detectors = BaselineDetectors(envelope: fitted.envelope, standards: fitted.standards, options)

        let run = Run(model, workers: workers)
        run.isCancelled = isCancelled
        let known = try split.fit.map {
            try detectors.score(texts[$0], edits: [], run, workers: workers).perplexity
        }
        let sorted = known.map { Float($0) }.sorted()
        let median = HeadStandards.quantile(sorted, 0.5)
        detectors.perplexity = (
            Double(median), Double(max(HeadStandards.quantile(sorted, 0.99) - median, 1e-3)),
            Double(max(median - HeadStandards.quantile(sorted, 0.01), 1e-3))
        )
        let calibration = split.calibration.map { texts[$0] }
        let scores = try calibration.map { try detectors.score($0, edits: [], run, workers: workers) }
        let groups = GroupedScores(calibration.map(\.group))
        func threshold(_ values: [Double]) -> Double {
            ConformalThreshold.find(groups.arrange(values.map { [$0] }), rate: options.falseAlarms) ?? .infinity
        }
        detectors.layerThreshold = threshold(scores.map(\.layers))
        detectors.perplexityThreshold = threshold(scores.map { detectors.standardised($0.perplexity) })
        self = detectors
    }

    /// Detectors without thresholds.
    private init(envelope: HeadEnvelope, standards: HeadStandards, _ options: FitOptions) {
        self.envelope = envelope
        self.standards = standards
        positions = options.positions
        smoothing = options.smoothing
        perplexity = (0, 1, 1)
        layerThreshold = .infinity
        perplexityThreshold = .infinity
    }

    /// Both scores of a text.
    struct Scores {
        /// The largest standardised statistic of all layers and positions.
        var layers: Double
        /// The mean of −ln p over the completion; 0 if there is none.
        var perplexity: Double
    }

    /// How far a text's perplexity is from the median, in units of the distance that one clean text in a hundred passes
    /// on that side.
    func standardised(_ value: Double) -> Double {
        let distance = value - perplexity.median
        return distance >= 0 ? distance / perplexity.above : -distance / perplexity.below
    }

    func flagsLayers(_ scores: Scores) -> Bool { scores.layers > layerThreshold }
    func flagsPerplexity(_ scores: Scores) -> Bool { standardised(scores.perplexity) > perplexityThreshold }

    /// Reads a text under edits.
    func score(_ text: WatchedText, edits: [Edit], _ run: Run, workers: WorkerPool) throws -> Scores {
        let model = run.model
        let first = positions.first(promptCount: text.promptCount)
        let tracker = HeadTracker(envelope, smoothing: smoothing, workers: workers)
        let statistics = FloatBuffer()
        var headScores = [Float](repeating: 0, count: envelope.layers)
        var (layers, sum) = (-Double.infinity, 0.0)
        run.sequences = [model.makeSequence(promptCount: text.promptCount)]
        var start = 0
        while start < text.tokens.count {
            let piece = Array(text.tokens[start...].prefix(TextScoring.piece))
            let result = try run.advance([
                Step(
                    tokens: piece, edits: edits,
                    reads: WatchedFeatures.residualDifferences.reads(model.configuration, at: positions.rule),
                    logits: .last)
            ])[0]
            let values = WatchedFeatures.residualDifferences.values(result.reads, first: first)
            let size = HeadStatistic.count * envelope.layers
            tracker.take(values, into: statistics.reserve(max(values[0].rows, 1) * size))
            for row in 0..<values[0].rows {
                let largest = headScores.withUnsafeMutableBufferPointer { scores in
                    scores.baseAddress.map {
                        standards.score(statistics.pointer + row * size, of: 0..<envelope.layers, into: $0).score
                    } ?? 0
                }
                layers = max(layers, Double(largest))
            }
            for (row, position) in result.logitPositions.enumerated() where position + 1 < text.tokens.count {
                sum -= Run.logProbability(of: text.tokens[position + 1], logits: result.logits.row(row))
            }
            start += piece.count
        }
        let written = text.tokens.count - text.promptCount
        return Scores(layers: layers, perplexity: written > 0 ? sum / Double(written) : 0)
    }
}
