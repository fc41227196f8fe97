import TensorCore
import Transformer

/// Scores texts that exist already, teacher-forced, under some edits or none: as a monitor would have scored them while
/// they were written.
///
/// ```swift
/// let scoring = TextScoring(monitor, model, workers: workers)
/// let flagged = try scoring.scores(texts, edits: edits).count { $0.answer.flagged }
/// ```
public struct TextScoring {
    /// The monitor that watches.
    public let monitor: HeadMonitor
    /// The model that reads the texts.
    public let model: LanguageModel
    private let workers: WorkerPool
    /// Whether relations between values are checked besides the envelope.
    public var checksConsistency = true
    /// Asked before each layer: if it returns true, the work throws `CancellationError`.
    public var isCancelled: () -> Bool = { Task.isCancelled }

    /// The scores of one text.
    public struct Result: Sendable {
        /// The scores of the text's watched positions.
        public var tokens: [TokenScore]
        /// The scores of the text as a whole.
        public var answer: AnswerScore
        /// The largest relative deviations of the consistency checks.
        var deviations: ConsistencyTracker.Tolerances
    }

    /// A scoring of texts that exist already, teacher-forced.
    public init(_ monitor: HeadMonitor, _ model: LanguageModel, workers: WorkerPool) {
        self.monitor = monitor
        self.model = model
        self.workers = workers
    }

    /// The scores of each text.
    ///
    /// - Parameter onProgress: called with the number of texts done.
    /// - Throws: `InputError` if a text is longer than the model's context; `CancellationError`.
    /// - Complexity: a forward pass over all tokens.
    public func scores(
        _ texts: [WatchedText], edits: [Edit] = [], onProgress: (_ done: Int) throws -> Void = { _ in }
    ) throws -> [Result] {
        var results = [Result?](repeating: nil, count: texts.count)
        let run = Run(model, workers: workers)
        run.isCancelled = isCancelled
        for (index, text) in texts.enumerated() {
            results[index] = try score(text, edits: edits, run)
            try onProgress(index + 1)
        }
        return results.compactMap { $0 }
    }

    private func score(_ text: WatchedText, edits: [Edit], _ run: Run) throws -> Result {
        let watch = SequenceWatch(
            monitor, model.configuration, promptCount: text.promptCount, workers: workers,
            checksConsistency: checksConsistency)
        run.sequences = [model.makeSequence(promptCount: text.promptCount)]
        var tokens: [TokenScore] = []
        var start = 0
        while start < text.tokens.count {
            let piece = Array(text.tokens[start...].prefix(Self.piece))
            let step = Step(tokens: piece, edits: edits, reads: watch.reads(next: piece.count), logits: nil)
            tokens += watch.take(try run.advance([step])[0].reads, next: piece.count)
            start += piece.count
        }
        return Result(
            tokens: tokens, answer: watch.answer,
            deviations: watch.largestDeviations ?? ConsistencyTracker.Tolerances(mix: 0, output: 0))
    }

    /// The most tokens that go through the model together; their attention patterns are kept for as long.
    static let piece = 128
}
