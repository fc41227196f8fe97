import DataFiles
import Generation
import TensorCore
import Transformer

/// What is done about a text that is flagged.
public enum MonitorResponse: String, Sendable, Codable, CaseIterable {
    /// Nothing: it is only reported.
    case log
    /// The text ends before the token that was chosen at the flagged position.
    case stop
    /// From the next token on, the named heads are held within their clean range
    /// (``HeadMonitor/clampingEdits(_:positions:)``).
    case steerBack = "steer-back"
}

/// Generates one text under a monitor.
///
/// ```swift
/// let generation = try WatchedGeneration(request, monitor: monitor, model: model, workers: workers, response: .stop)
/// generation.onAlarm = { alarm in print(alarm.position, alarm.heads.map { "\($0.head)" }) }
/// while let token = try generation.next() { … }
/// ```
///
/// The text is the one that would be generated without a monitor, unless it is stopped or steered back. Use it from one
/// thread at a time.
public final class WatchedGeneration {
    /// The monitor that watches.
    public let monitor: HeadMonitor
    /// What is done if the text is flagged.
    public let response: MonitorResponse
    /// Called for every position that raises an alarm, as it is read.
    public var onAlarm: (TokenScore) -> Void = { _ in }
    /// Called for every watched position with the scores of all heads, [L · H].
    public var onScore: (TokenScore, _ headScores: [Float]) -> Void = { _, _ in }
    /// Asked before each layer: if it returns true, the text ends as cancelled.
    public var isCancelled: () -> Bool = { Task.isCancelled } { didSet { generator?.isCancelled = isCancelled } }
    /// The heads that are held within their range.
    public private(set) var heldHeads: [Head] = []
    /// Whether the text was ended because it was flagged.
    public private(set) var isStopped = false

    private let request: GenerationRequest
    private let model: LanguageModel
    private let workers: WorkerPool
    private let watch: SequenceWatch
    private var generator: BatchGenerator?

    /// - Parameter request: without a prefix, since what came before has to be read too.
    /// - Throws: `InputError` if the prompt has a token that the model doesn't have, or is longer than its context.
    /// - Precondition: the request has no prefix.
    public init(
        _ request: GenerationRequest, monitor: HeadMonitor, model: LanguageModel, workers: WorkerPool,
        response: MonitorResponse = .log
    ) throws {
        precondition(request.prefix == nil, "A watched text begins with its first token.")
        try model.check(tokens: request.prompt)
        self.request = request
        self.monitor = monitor
        self.model = model
        self.workers = workers
        self.response = response
        watch = SequenceWatch(monitor, model.configuration, promptCount: request.prompt.count, workers: workers)
    }

    /// The monitor's scores of the text so far.
    public var answer: AnswerScore { watch.answer }
    /// The tokens generated so far.
    public private(set) var ids: [Int] = []
    /// Why the text ended; nil while it goes on.
    public var stopReason: StopReason? { generator?.progress[0].stopReason }

    /// Generates the next token.
    ///
    /// - Returns: its id; nil at the end.
    /// - Throws: `CancellationError` if the prompt was being read; a text that has begun ends as cancelled instead.
    public func next() throws -> Int? {
        let generator = try self.generator ?? begin()
        guard generator.progress[0].stopReason == nil, !isStopped else { return nil }
        // The prompt is one token, or was read except for its last: one row per pass.
        generator.setObserver(watch, of: 0)
        watch.begin()
        guard !generator.advance().isEmpty, generator.progress[0].ids.count > ids.count,
            let id = generator.progress[0].ids.last
        else { return nil }
        let wasFlagged = watch.isFlagged
        report(watch.finish())
        if watch.isFlagged, !wasFlagged || response == .steerBack { try respond(generator) }
        guard !isStopped else { return nil }
        ids.append(id)
        return id
    }

    /// Reads the prompt except for its last token.
    private func begin() throws -> BatchGenerator {
        var request = request
        let run = Run(model, workers: workers)
        run.isCancelled = isCancelled
        run.sequences = [model.makeSequence(promptCount: request.prompt.count)]
        var rest = request.prompt.dropLast()
        while !rest.isEmpty {
            let piece = Array(rest.prefix(TextScoring.piece))
            rest = rest.dropFirst(piece.count)
            let step = Step(tokens: piece, edits: request.edits, reads: watch.reads(next: piece.count), logits: nil)
            report(watch.take(try run.advance([step])[0].reads, next: piece.count))
        }
        if request.prompt.count > 1 { request.prefix = run.sequences[0] }
        let generator = try BatchGenerator([request], model: model, workers: workers)
        generator.isCancelled = isCancelled
        self.generator = generator
        if watch.isFlagged { try respond(generator) }
        return generator
    }

    private func report(_ scores: [TokenScore]) {
        for score in scores {
            onScore(score, watch.headScores)
            if score.isAlarm { onAlarm(score) }
        }
    }

    private func respond(_ generator: BatchGenerator) throws {
        switch response {
        case .log: break
        case .stop:
            isStopped = true
            generator.end(0)
        case .steerBack:
            let heads = watch.answer.heads.map(\.head).filter { !heldHeads.contains($0) }
            guard !heads.isEmpty else { return }
            heldHeads += heads
            try generator.setEdits(request.edits + monitor.clampingEdits(heldHeads), of: 0)
        }
    }
}
