import DataFiles
import Foundation
import TensorCore
import Transformer

/// Fits an envelope to texts: means and shrunk covariances, and what each vector's statistics are on texts that its covariance was
/// not fitted on.
struct EnvelopeFitting {
    let model: LanguageModel
    let workers: WorkerPool
    let features: WatchedFeatures
    let positions: WatchedPositions
    let smoothing: Double
    var isCancelled: () -> Bool = { Task.isCancelled }

    /// The most positions that statistics are standardised by; of more, only every n-th counts.
    static let mostSamples = 1 << 14

    /// What a fit gives.
    struct Fitted {
        let heads: FittedHeads
        let envelope: HeadEnvelope
        let standards: HeadStandards
        /// ‖y‖² that one position in a thousand passes, [L · H].
        let radii: [Float]
        let tokens: Int
    }

    init(_ model: LanguageModel, workers: WorkerPool, _ features: WatchedFeatures, _ options: FitOptions) {
        self.model = model
        self.workers = workers
        self.features = features
        positions = options.positions
        smoothing = options.smoothing
    }

    /// - Parameters:
    ///   - folds: of each text.
    ///   - file: what errors name.
    /// - Throws: `InputError` if there are too few positions, or a value is NaN or infinite; `CancellationError`.
    func fit(_ texts: [WatchedText], folds: [Int], _ progress: FitProgress, file: String) throws -> Fitted {
        let moments = try moments(texts, folds: folds, progress)
        guard moments.count >= model.configuration.headSize else {
            throw InputError.badData(
                "\(moments.count) watched positions in the \(texts.count) texts that are fitted on", in: file,
                remedy: "give texts of more tokens, or let the model write some; "
                    + "\(model.configuration.headSize) positions are the least")
        }
        let fitted = try moments.fitted(workers: workers)
        let samples = try samples(texts, folds: folds, moments, progress)
        return Fitted(
            heads: fitted, envelope: try fitted.envelope(), standards: HeadStandards(samples: samples.all),
            radii: samples.columns(of: .distance).map { distances in
                exp(HeadStandards.quantile(distances.sorted(), 0.999)) * Float(moments.headSize)
            }, tokens: moments.count)
    }

    private var reading: TextReading {
        var reading = TextReading(
            model, workers: workers, reads: features.reads(model.configuration, at: positions.rule))
        reading.isCancelled = isCancelled
        return reading
    }

    /// The values of a piece's watched positions.
    private func values(_ piece: TextReading.Piece, of texts: [WatchedText]) -> [Matrix] {
        features.values(
            piece.result.reads, first: positions.first(promptCount: texts[piece.text].promptCount))
    }

    private func moments(
        _ texts: [WatchedText], folds: [Int], _ progress: FitProgress
    ) throws -> EnvelopeMoments {
        let c = model.configuration
        var moments = EnvelopeMoments(
            layers: features.layers(c), heads: features.heads(c), headSize: features.size(c), folds: TextSplit.folds)
        try reading.forEach(texts, onProgress: { try progress.update($0) }) { piece in
            let values = values(piece, of: texts)
            if values[0].rows > 0 { try moments.add(values, fold: folds[piece.text], workers: workers) }
        }
        progress.finish(texts.count)
        return moments
    }

    /// The statistics of the texts' positions, each fold's by the envelope of the others.
    private func samples(
        _ texts: [WatchedText], folds: [Int], _ moments: EnvelopeMoments, _ progress: FitProgress
    ) throws -> StatisticSamples {
        var samples = StatisticSamples(
            heads: moments.layers * moments.heads, every: (moments.count + Self.mostSamples - 1) / Self.mostSamples)
        for fold in 0..<TextSplit.folds {
            let own = texts.indices.filter { folds[$0] == fold }.map { texts[$0] }
            if own.isEmpty { continue }
            let envelope = try moments.fitted(without: fold, workers: workers).envelope()
            var trackers: [Int: HeadTracker] = [:]
            try reading.forEach(own, onProgress: { try progress.update($0) }) { piece in
                let values = values(piece, of: own)
                guard values[0].rows > 0 else { return }
                let tracker =
                    trackers[piece.text] ?? HeadTracker(envelope, smoothing: smoothing, workers: workers)
                trackers[piece.text] = piece.isLast ? nil : tracker
                samples.add(values, by: tracker)
            }
            progress.finish(own.count)
        }
        return samples
    }
}
