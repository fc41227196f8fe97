import DataFiles
import TensorCore
import Transformer

/// Fits a monitor to clean texts.
///
/// Groups of texts are dealt into two parts. On the first, means and covariances are fitted, and each head's statistics
/// are standardised by their values on texts that the covariance was not fitted on (four folds of groups). On the
/// second, which serves nothing else, thresholds are found by conformal risk control (Angelopoulos et al. 2022,
/// arXiv 2208.02814).
///
/// Texts are read teacher-forced, in two passes over the first part's tokens and one over the second's. Memory doesn't
/// grow with the number of texts.
public struct MonitorFitting {
    /// The model that will be watched.
    public let model: LanguageModel
    /// The threads that texts are read on.
    public let workers: WorkerPool
    /// How the monitor is fitted.
    public let options: FitOptions
    /// Asked before each layer: if it returns true, the work throws `CancellationError`.
    public var isCancelled: () -> Bool = { Task.isCancelled }

    /// A fit; nothing is read yet.
    public init(_ model: LanguageModel, workers: WorkerPool, options: FitOptions = FitOptions()) {
        self.model = model
        self.workers = workers
        self.options = options
    }

    /// Fits a monitor.
    ///
    /// - Parameters:
    ///   - texts: clean texts, in groups that resemble those to be watched.
    ///   - behaviours: the behaviours to watch for as well.
    ///   - fingerprint: the model's fingerprint.
    ///   - writtenTokens: how many tokens of each text the model wrote, for the record.
    ///   - provenance: what else to record.
    ///   - file: what errors name as the place of the texts.
    ///   - onProgress: called with the number of steps done and the number of all steps.
    /// - Throws: `InputError` if there are too few groups for the rate (with the number that is needed), a text is too
    ///   long or has no watched position, or an activation is NaN or infinite; `CancellationError`.
    /// - Complexity: forward passes over all tokens, and O(D³) for each head.
    public func fit(
        _ texts: [WatchedText], behaviours: [BehaviourDirections] = [], fingerprint: String,
        writtenTokens: Int? = nil, provenance: [String: String] = [:], file: String = "the clean texts",
        onProgress: (_ done: Int, _ of: Int) throws -> Void = { _, _ in }
    ) throws -> HeadMonitor {
        let split = try TextSplit(groups: texts.map(\.group), rate: options.falseAlarms, seed: options.seed, file: file)
        return try withoutActuallyEscaping(onProgress) { onProgress in
            let progress = FitProgress(all: 2 * split.fit.count + split.calibration.count, report: onProgress)
            let draft = try draft(
                split.fit.map { texts[$0] }, folds: split.foldOfFit, behaviours, fingerprint: fingerprint, progress,
                file: file)
            var monitor = try calibrated(draft, on: split.calibration.map { texts[$0] }, progress, file: file)
            monitor.record.writtenTokens = writtenTokens
            monitor.record.provenance = provenance
            return monitor
        }
    }

    /// A monitor without thresholds.
    private func draft(
        _ texts: [WatchedText], folds: [Int], _ behaviours: [BehaviourDirections], fingerprint: String,
        _ progress: FitProgress, file: String
    ) throws -> HeadMonitor {
        var fitting = EnvelopeFitting(model, workers: workers, .headOutputs, options)
        fitting.isCancelled = isCancelled
        let fitted = try fitting.fit(texts, folds: folds, progress, file: file)
        return HeadMonitor(
            model: MonitoredModel(model, fingerprint: fingerprint), positions: options.positions,
            smoothing: options.smoothing, envelope: fitted.envelope, standards: fitted.standards,
            radii: fitted.radii, signature: OutputSignature(model, seed: options.seed, workers: workers),
            tolerances: ConsistencyTracker.Tolerances(mix: .infinity, output: .infinity), seed: options.seed,
            detectors: try detectors(behaviours, fitted.heads), tokenThreshold: .infinity,
            answerThreshold: .infinity,
            record: FitRecord(
                fitTexts: texts.count, fitGroups: Set(texts.map(\.group)).count, fitTokens: fitted.tokens,
                calibrationTexts: 0, calibrationGroups: 0, calibrationTokens: 0, falseAlarms: options.falseAlarms,
                tokenRate: 0, answerRate: 0, shrinkage: fitted.heads.meanShrinkage, writtenTokens: nil,
                provenance: [:]))
    }

    private func detectors(_ behaviours: [BehaviourDirections], _ fitted: FittedHeads) throws -> [BehaviourDetector] {
        try behaviours.map { behaviour in
            let components = try behaviour.directions.map { head, unit in
                let (mean, sigma) = fitted.projection(head, along: unit)
                guard sigma > 0 else {
                    throw InputError.badData(
                        "a direction of head \(head) along which clean texts don't vary",
                        in: "the behaviour \(behaviour.name)", remedy: "leave the head out")
                }
                return BehaviourDetector.Component(head: head, direction: unit, mean: mean, sigma: sigma)
            }
            return BehaviourDetector(
                name: behaviour.name, components: components,
                thresholds: Aggregates(maximum: .infinity, mean: .infinity, ewma: .infinity))
        }
    }

    // MARK: - Thresholds

    private func calibrated(
        _ draft: HeadMonitor, on texts: [WatchedText], _ progress: FitProgress, file: String
    ) throws -> HeadMonitor {
        var scoring = TextScoring(draft, model, workers: workers)
        scoring.isCancelled = isCancelled
        let scored = try scoring.scores(texts, onProgress: progress.update)
        guard let empty = scored.firstIndex(where: { $0.tokens.isEmpty }) else {
            return try calibrated(draft, scored, texts)
        }
        throw InputError.badData(
            "a text without a watched position (\(texts[empty].group))", in: file,
            remedy: "give each text at least two tokens, and a completion if only generated tokens are watched")
    }

    private func calibrated(
        _ draft: HeadMonitor, _ scored: [TextScoring.Result], _ texts: [WatchedText]
    ) throws -> HeadMonitor {
        let groups = GroupedScores(texts.map(\.group))
        let rate = options.falseAlarms
        func threshold(_ scores: (TextScoring.Result) -> [Double]) -> Double {
            // The split has made sure that there are enough groups.
            ConformalThreshold.find(groups.arrange(scored.map(scores)), rate: rate) ?? .infinity
        }
        var monitor = draft
        monitor.tokenThreshold = threshold { $0.tokens.map(\.score) }
        monitor.answerThreshold = threshold { [$0.answer.scores.maximum] }
        for index in monitor.detectors.indices {
            func behaviour(_ key: KeyPath<Aggregates, Double>) -> Double {
                threshold { [$0.answer.behaviours[index].scores[keyPath: key]] }
            }
            monitor.detectors[index].thresholds = Aggregates(
                maximum: behaviour(\.maximum), mean: behaviour(\.mean), ewma: behaviour(\.ewma))
        }
        monitor.tolerances = ConsistencyTracker.Tolerances(
            mix: ConsistencyTracker.tolerance(scored.map(\.deviations.mix)),
            output: ConsistencyTracker.tolerance(scored.map(\.deviations.output)))
        let tokens = scored.flatMap { $0.tokens.map(\.score) }
        monitor.record.calibrationTexts = texts.count
        monitor.record.calibrationGroups = Set(texts.map(\.group)).count
        monitor.record.calibrationTokens = tokens.count
        monitor.record.tokenRate = Double(tokens.count { $0 > monitor.tokenThreshold }) / Double(tokens.count)
        monitor.record.answerRate =
            Double(scored.count { $0.answer.scores.maximum > monitor.answerThreshold }) / Double(scored.count)
        return monitor
    }
}
