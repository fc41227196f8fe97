import DataFiles
import Foundation
import Generation
import Monitoring
import TensorCore
import Tokenization
import Transformer

/// Answers one prompt under a guard: checks the prompt, watches the model while it writes, and checks the text.
///
/// ```swift
/// let result = try GuardedGeneration(guarded, model: model, tokenizer: tokenizer, workers: workers)
///     .run(request, prompt: "How was your day?")
/// if let refusal = result.refusals.first { … } else { print(result.text) }
/// ```
///
/// The result and the log say what is refused; a refused text is not in the result.
public struct GuardedGeneration {
    /// The guard that checks and watches.
    public let guarded: LoadedGuard
    private let model: LanguageModel
    private let tokenizer: Tokenizer
    private let workers: WorkerPool
    /// Asked before each layer: if it returns true, the work throws `CancellationError`.
    public var isCancelled: () -> Bool = { Task.isCancelled }
    /// Gives the time, for the log.
    public var now: () -> Date = { Date() }

    /// What became of a prompt.
    public struct Result: Sendable {
        /// The text that may be shown: empty if the prompt or the text was refused, and only its beginning if the
        /// monitor ended it.
        public var text: String
        /// The text's tokens.
        public var ids: [Int]
        /// Why the text ended; nil if nothing was generated, or the monitor ended it.
        public var stopReason: StopReason?
        /// What was refused or flagged, and why; empty if nothing was.
        public var refusals: [Refusal]
        /// The monitor's scores; nil without a monitor, or if nothing was generated.
        public var answer: AnswerScore?
        /// The positions that raised an alarm.
        public var alarms: [TokenScore]
        /// The heads that were held within their range.
        public var heldHeads: [Head]
        /// The outcome for the prompt.
        public var outcome: GuardEvent.Outcome
    }

    /// A generation under the given guard.
    public init(_ guarded: LoadedGuard, model: LanguageModel, tokenizer: Tokenizer, workers: WorkerPool) {
        self.guarded = guarded
        self.model = model
        self.tokenizer = tokenizer
        self.workers = workers
    }

    /// Answers a prompt.
    ///
    /// - Parameters:
    ///   - prompt: the prompt as a person wrote it, which is what filters see.
    ///   - onAlarm: called for every position that raises an alarm, as it is read.
    /// - Throws: `InputError` if the prompt is too long or a filter can't judge; `CancellationError`.
    public func run(
        _ request: GenerationRequest, prompt: String, onAlarm: @escaping (TokenScore) -> Void = { _ in }
    ) throws -> Result {
        let asked = CheckedText(
            text: prompt, promptTokens: Array(request.prompt.prefix(1)), tokens: Array(request.prompt.dropFirst()))
        if let refusal = try refusal(of: asked, .input, guarded.input) {
            return try logged(
                Result(
                    text: "", ids: [], refusals: [refusal], alarms: [], heldHeads: [], outcome: .refused))
        }
        var result = try generate(request, onAlarm)
        let written = CheckedText(
            text: result.text, prompt: prompt, promptTokens: request.prompt,
            tokens: result.ids.filter { !request.endTokens.contains($0) })
        if let refusal = try refusal(of: written, .output, guarded.output) {
            result.text = ""
            result.ids = []
            result.refusals.append(refusal)
            result.outcome = .refused
        }
        return try logged(result)
    }

    private func refusal(
        of text: CheckedText, _ layer: GuardLayer, _ filters: [any TextFilter]
    ) throws -> Refusal? {
        for filter in filters {
            if isCancelled() { throw CancellationError() }
            if let reason = try filter.reasonToRefuse(text) {
                return Refusal(layer: layer, filter: filter.name, reason: reason)
            }
        }
        return nil
    }

    private func generate(_ request: GenerationRequest, _ onAlarm: @escaping (TokenScore) -> Void) throws -> Result {
        guard let monitor = guarded.monitor else {
            let generator = try BatchGenerator([request], model: model, workers: workers)
            generator.isCancelled = isCancelled
            let progress = generator.finish()[0]
            if progress.stopReason == .cancelled { throw CancellationError() }
            return Result(
                text: try text(progress.ids, request), ids: progress.ids, stopReason: progress.stopReason, refusals: [],
                alarms: [], heldHeads: [], outcome: .allowed)
        }
        let generation = try WatchedGeneration(
            request, monitor: monitor, model: model, workers: workers, response: guarded.response)
        generation.isCancelled = isCancelled
        var alarms: [TokenScore] = []
        generation.onAlarm = { score in
            alarms.append(score)
            onAlarm(score)
        }
        while try generation.next() != nil {}
        if generation.stopReason == .cancelled, !generation.isStopped { throw CancellationError() }
        let answer = generation.answer
        let changed = !answer.sites.isEmpty || answer.heads.contains { $0.reason == .changed }
        let refusals =
            answer.flagged
            ? [
                Refusal(
                    layer: .activations, filter: "monitor", reason: changed ? "changed activations" : "unusual heads")
            ] : []
        return Result(
            text: try text(generation.ids, request), ids: generation.ids,
            stopReason: generation.isStopped ? nil : generation.stopReason, refusals: refusals, answer: answer,
            alarms: alarms, heldHeads: generation.heldHeads,
            outcome: generation.isStopped ? .refused : answer.flagged ? .flagged : .allowed)
    }

    private func text(_ ids: [Int], _ request: GenerationRequest) throws -> String {
        try tokenizer.decode(ids.filter { !request.endTokens.contains($0) }, continuing: true)
    }

    private func logged(_ result: Result) throws -> Result {
        // The last one decides what the caller gets.
        try guarded.log?.append(
            GuardEvent(
                time: now(), outcome: result.outcome, refusal: result.refusals.last,
                flags: Array(result.refusals.dropLast())))
        return result
    }
}
