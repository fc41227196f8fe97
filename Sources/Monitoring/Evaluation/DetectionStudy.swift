import Generation
import Statistics
import TensorCore
import Transformer

/// Measures how many answers a monitor flags.
///
/// For a model that is steered this is the recall; for one that isn't, on texts that the monitor hasn't seen, it is the
/// rate of false alarms.
///
/// ```swift
/// let study = DetectionStudy(monitor, model: model, workers: workers, prompts: prompts, endTokens: ends)
/// let rates = try study.rates(under: plan.edits(model.configuration), edited: [Head(layer: 12, index: 8)])
/// print(rates.flagged.share, rates.named.share)
/// ```
///
/// The model writes an answer to each prompt under the edits, and the monitor reads the answer again under the same
/// edits: its scores are those that it would have given while the answer was written.
public struct DetectionStudy {
    /// The monitor that watches.
    public let monitor: HeadMonitor
    /// The model that writes the answers.
    public let model: LanguageModel
    /// The prompts that are answered.
    public let prompts: [WatchedText]
    /// Detectors to compare with; nil for none.
    public var baselines: BaselineDetectors?
    /// Asked before each layer: if it returns true, the work throws `CancellationError`.
    public var isCancelled: () -> Bool = { Task.isCancelled }
    private let workers: WorkerPool
    private let writing: AnswerWriting

    /// - Parameters:
    ///   - prompts: the texts to answer, which hold only a prompt.
    ///   - maxTokens: the most tokens of an answer; 48 by default, a few sentences.
    ///   - sampling: how the model writes, which should be the same as where it is watched.
    public init(
        _ monitor: HeadMonitor, model: LanguageModel, workers: WorkerPool, prompts: [WatchedText], maxTokens: Int = 48,
        endTokens: Set<Int>, sampling: Sampling = .greedy
    ) {
        self.monitor = monitor
        self.model = model
        self.prompts = prompts
        self.workers = workers
        writing = AnswerWriting(
            model, workers: workers, maxTokens: maxTokens, endTokens: endTokens, sampling: sampling)
    }

    /// The shares of answers that were flagged, with Wilson intervals over groups.
    public struct Rates: Sendable, Equatable, Codable {
        /// How many answers there were.
        public var answers: Int
        /// Answers flagged by the monitor as a whole.
        public var flagged: ShareWithInterval
        /// Answers flagged by the range of clean texts alone.
        public var envelope: ShareWithInterval
        /// Answers flagged by the checks of sums alone.
        public var consistency: ShareWithInterval
        /// Answers for which the monitor named exactly the edited heads as changed; 0 if none was edited.
        public var named: ShareWithInterval
        /// Answers that the envelope flagged with an edited head as the most unusual one.
        public var envelopeNamed: ShareWithInterval
        /// The share of watched positions that raised an alarm.
        public var tokenAlarms: Double
        /// Answers flagged by what blocks add to the residual stream; nil if no baselines were given.
        public var layers: ShareWithInterval?
        /// Answers flagged by perplexity; nil if no baselines were given.
        public var perplexity: ShareWithInterval?
    }

    /// The rates for answers that are written under some edits.
    ///
    /// - Parameter edited: the heads that the edits change.
    /// - Throws: `InputError` if a prompt is too long; `CancellationError`.
    public func rates(under edits: [Edit] = [], edited: [Head] = []) throws -> Rates {
        try rates(of: answers(under: edits), under: edits, edited: edited)
    }

    /// The answers that the model writes under some edits.
    public func answers(under edits: [Edit] = []) throws -> [WatchedText] {
        var writing = writing
        writing.edits = edits
        writing.isCancelled = isCancelled
        return try writing.answers(to: prompts)
    }

    /// The rates for some texts, read under some edits.
    public func rates(of texts: [WatchedText], under edits: [Edit] = [], edited: [Head] = []) throws -> Rates {
        var scoring = TextScoring(monitor, model, workers: workers)
        scoring.isCancelled = isCancelled
        let results = try scoring.scores(texts, edits: edits)
        let groups = texts.map(\.group)
        func share(_ holds: (TextScoring.Result) -> Bool) -> ShareWithInterval {
            ShareWithInterval(results.map(holds), groups: groups)
        }
        let worst = results.map { $0.tokens.max { $0.envelopeScore < $1.envelopeScore } }
        let envelope = worst.map { ($0?.envelopeScore ?? 0) > monitor.answerThreshold }
        let edited = Set(edited)
        let tokens = results.reduce(0) { $0 + $1.tokens.count }
        var rates = Rates(
            answers: texts.count, flagged: share { $0.answer.flagged },
            envelope: ShareWithInterval(envelope, groups: groups),
            consistency: share { $0.hasChanges },
            named: share { !edited.isEmpty && Set($0.changedHeads) == edited },
            envelopeNamed: ShareWithInterval(
                zip(worst, envelope).map { $1 && edited.contains($0?.mostUnusual ?? Head(layer: -1, index: 0)) },
                groups: groups),
            tokenAlarms: Double(results.reduce(0) { $0 + $1.answer.alarms }) / Double(max(tokens, 1)))
        if let baselines {
            let run = Run(model, workers: workers)
            run.isCancelled = isCancelled
            let scores = try texts.map { try baselines.score($0, edits: edits, run, workers: workers) }
            rates.layers = ShareWithInterval(scores.map(baselines.flagsLayers), groups: groups)
            rates.perplexity = ShareWithInterval(scores.map(baselines.flagsPerplexity), groups: groups)
        }
        return rates
    }
}

extension TextScoring.Result {
    /// The heads that the monitor named as changed.
    public var changedHeads: [Head] { answer.heads.filter { $0.reason == .changed }.map(\.head) }
    /// Whether a value was found changed.
    public var hasChanges: Bool { !answer.sites.isEmpty || !changedHeads.isEmpty }
}
