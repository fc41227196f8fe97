import Foundation
import TensorCore
import Tokenization
import Transformer

/// Decides which texts go through the model together, and computes them one pass at a time.
///
/// A pass takes every text that has room for another token. If there are too many, it takes those that have waited
/// longest.
final class GenerationScheduler: @unchecked Sendable {
    // Unchecked: `run` (except for its model, which never changes), `residents`, `passes` and `timer` are used only on
    // `queue`.

    /// How many prompt tokens go through together with the next tokens of other texts: few enough not to hold those
    /// texts up.
    private static let promptPiece = 64

    private let queue = DispatchQueue(label: "headsteer.generation")
    private let tokenizer: Tokenizer?
    private let textsTogether: Int
    private let room: TextRoom
    private let run: Run
    /// The texts that have their memory, in the order of the run's sequences.
    private var residents: [Resident] = []
    private var passes = 0
    /// When the next check for texts out of time happens, if nothing else happens before.
    private var timer: ContinuousClock.Instant?

    private struct Resident {
        let served: ServedText
        var text: GrowingText
        var decoder: StreamingDecoder?
        var lastPass: Int
    }

    init(_ model: LanguageModel, tokenizer: Tokenizer?, workers: WorkerPool, limits: GenerationLimits) {
        self.tokenizer = tokenizer
        textsTogether = limits.textsTogether
        room = TextRoom(limits)
        run = Run(model, workers: workers)
    }

    var model: LanguageModel { run.model }

    var load: GenerationLoad { room.load }

    /// Accepts a text.
    ///
    /// - Throws: ``ServiceBusyError`` if too many texts wait for memory.
    func submit(_ text: ServedText) throws {
        try room.add(text)
        wake()
    }

    /// Makes sure that a turn will look for work.
    func wake() {
        if room.needsTurn() { queue.async { self.turn() } }
    }

    /// Runs one pass, with what has to be done before and after it.
    private func turn() {
        let now = ContinuousClock.now
        for text in room.beginTurn(now: now) { join(text) }
        for index in residents.indices where residents[index].served.isLate(now) {
            let rest = residents[index].decoder?.finish() ?? ""
            residents[index].served.finish(text: rest, reason: .timeLimit)
        }
        let haveLeft = leave { $0.served.isOver }
        let steps = choose()
        if !steps.isEmpty { compute(steps) }
        // Memory that was given back may belong to another text by now.
        if haveLeft || !steps.isEmpty { wake() } else { setTimer() }
    }

    private func setTimer() {
        let deadlines = residents.compactMap(\.served.deadline) + room.deadlines
        guard let first = deadlines.min(), timer.map({ first < $0 }) ?? true else { return }
        timer = first
        let wait = (first - .now).components
        let seconds = Double(wait.seconds) + Double(wait.attoseconds) * 1e-18
        queue.asyncAfter(deadline: .now() + max(seconds, 0)) { [weak self] in
            self?.timer = nil
            self?.turn()
        }
    }

    // MARK: - Who is there

    private func join(_ served: ServedText) {
        var request = served.request
        request.reads = []
        run.sequences.append(request.prefix ?? run.model.makeSequence(promptCount: request.prompt.count))
        residents.append(
            Resident(
                served: served, text: GrowingText(request, model: run.model, stream: 0),
                decoder: tokenizer.map { StreamingDecoder($0, continuing: true) }, lastPass: passes))
    }

    /// Gives back the memory of texts that have ended.
    ///
    /// - Returns: whether any text has ended.
    @discardableResult
    private func leave(where hasEnded: (Resident) -> Bool) -> Bool {
        let ended = residents.indices.filter { hasEnded(residents[$0]) }
        guard !ended.isEmpty else { return false }
        room.leave(ended.map { residents[$0].served })
        for index in ended.reversed() {
            residents.remove(at: index)
            run.sequences.remove(at: index)
        }
        return true
    }

    // MARK: - The pass

    /// The steps of the next pass.
    private func choose() -> [Step] {
        var ready = residents.indices.filter { residents[$0].served.wantsToken }
        if ready.count > textsTogether {
            ready = ready.sorted { (residents[$0].lastPass, $0) < (residents[$1].lastPass, $1) }
            ready = ready.prefix(textsTogether).sorted()
        }
        // If some texts need only their next token, prompts are cut into pieces so that these texts don't wait long.
        let hasTokens = ready.contains { residents[$0].text.pendingCount == 1 }
        var promptTokens = hasTokens ? Self.promptPiece : Run.maximumRows
        return ready.compactMap { index in
            let count = residents[index].text.pendingCount
            if count > 1 {
                guard promptTokens > 0 else { return nil }
                defer { promptTokens -= min(promptTokens, count) }
                return begin(index, most: promptTokens)
            }
            return begin(index, most: 1)
        }
    }

    private func begin(_ index: Int, most: Int) -> Step {
        residents[index].lastPass = passes
        if !residents[index].text.isInsidePrompt, let edits = residents[index].served.begin() {
            residents[index].text.setEdits(edits)
        }
        return residents[index].text.step(sequence: index, most: most)
    }

    private func compute(_ steps: [Step]) {
        passes += 1
        let served = steps.map { residents[$0.sequence].served }
        run.isCancelled = { served.allSatisfy(\.isOver) }
        defer { run.isCancelled = { false } }
        guard let results = try? run.advance(steps) else {
            // The requests were checked, so only a cancellation gets here.
            for text in served { text.finish(text: "", reason: .cancelled) }
            return
        }
        var events: [(ServedText, GenerationEvent)] = []
        for (step, result) in zip(steps, results) {
            events += take(result, of: step).map { (residents[step.sequence].served, $0) }
        }
        // The memory is given back first, so that whoever reads the end of a text finds it free.
        leave { $0.text.progress.stopReason != nil }
        for (text, event) in events {
            if case .finished(let rest, let reason) = event {
                text.finish(text: rest, reason: reason)
            } else {
                text.send(event)
            }
        }
    }

    /// Updates a text with the result of its pass.
    private func take(_ result: StepResult, of step: Step) -> [GenerationEvent] {
        let index = step.sequence
        let count = residents[index].text.progress.ids.count
        residents[index].text.take(result, of: step)
        let progress = residents[index].text.progress
        var events: [GenerationEvent] = []
        if progress.ids.count > count, let id = progress.ids.last {
            // No text for an end token, or for a token that the tokenizer lacks (in a padded vocabulary).
            let isEnd = progress.stopReason == .endToken
            let text = isEnd ? nil : try? residents[index].decoder?.text(for: id)
            events.append(.token(id: id, text: text ?? ""))
        }
        if let reason = progress.stopReason {
            events.append(.finished(text: residents[index].decoder?.finish() ?? "", reason: reason))
        }
        return events
    }
}
