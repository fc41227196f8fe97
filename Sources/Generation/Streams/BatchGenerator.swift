import DataFiles
import TensorCore
import Transformer

/// Generates several texts together, one token of each in every pass.
///
/// The requests may have different prompt lengths, edits and sampling; the texts don't affect each other.
/// ``TokenStream`` is built on this class; use it directly to generate texts side by side.
public final class BatchGenerator {
    /// The state of one text.
    public struct Progress: Sendable {
        /// The tokens generated so far.
        public internal(set) var ids: [Int] = []
        /// Why the text ended; nil while it is running.
        public internal(set) var stopReason: StopReason?
    }

    /// The requests of the texts, with their current edits and reads.
    public var requests: [GenerationRequest] { texts.map(\.request) }
    /// The state of each text, in the order of the requests.
    public var progress: [Progress] { texts.map(\.progress) }
    /// What each text's reads kept of its last pass.
    ///
    /// The values are those of the positions before the newest token, which was chosen from them. Empty before the
    /// first pass, and for a text without reads.
    public var readings: [[ReadResult]] { texts.map(\.readings) }
    private let run: Run
    private var texts: [GrowingText]

    /// - Throws: `InputError` for a request that the model can't carry out (see ``GenerationRequest/check(_:)``), and
    ///   for texts whose keys and values, at their full lengths, would take more memory than the system has left.
    public init(_ requests: [GenerationRequest], model: LanguageModel, workers: WorkerPool) throws {
        for request in requests { try request.check(model) }
        try model.checkMemory(
            positions: requests.map { $0.mostPositions(in: model) }, available: SystemMemory.available)
        texts = requests.enumerated().map { GrowingText($1, model: model, stream: UInt64($0)) }
        run = Run(model, workers: workers)
        run.sequences = requests.map { $0.prefix ?? model.makeSequence(promptCount: $0.prompt.count) }
    }

    /// Called before each layer; if it returns true, all running texts end as cancelled.
    public var isCancelled: () -> Bool {
        get { run.isCancelled }
        set { run.isCancelled = newValue }
    }

    /// Changes a text's edits from its next token on: another strength, another plan, or none.
    ///
    /// The keys and values of the text so far stay as they were computed.
    ///
    /// - Throws: `InputError` of the kind `.usage` for edits that don't fit the model; nothing is changed in that case.
    /// - Precondition: `text` is the index of a request.
    public func setEdits(_ edits: [Edit], of text: Int) throws {
        check(text)
        try run.model.check(edits: edits)
        texts[text].setEdits(edits)
    }

    /// Sets the observer that sees a text's values while its next passes compute them; nil for none.
    package func setObserver(_ observer: (any SiteObserver)?, of text: Int) {
        check(text)
        run.observers[text] = observer
    }

    /// Ends a text as cancelled: it gets no more tokens.
    ///
    /// - Precondition: `text` is the index of a request.
    public func end(_ text: Int) {
        check(text)
        texts[text].end(.cancelled)
    }

    private func check(_ text: Int) {
        precondition(texts.indices.contains(text), "There are \(texts.count) texts; there is no text \(text).")
    }

    /// Generates one more token of each running text.
    ///
    /// - Returns: the indices of the texts that took part in the pass; empty if all have ended or were cancelled.
    public func advance() -> [Int] {
        let active = texts.indices.filter { texts[$0].progress.stopReason == nil }
        guard !active.isEmpty else { return [] }
        let steps = active.map { texts[$0].step(sequence: $0) }
        let results: [StepResult]
        do {
            results = try run.advance(steps)
        } catch {
            // The requests were checked, so only a cancellation gets here.
            for index in active { texts[index].end(.cancelled) }
            return []
        }
        for (step, result) in zip(steps, results) { texts[step.sequence].take(result, of: step) }
        return active
    }

    /// Generates all texts to their ends.
    ///
    /// - Parameter onStep: called after each pass.
    public func finish(onStep: (BatchGenerator) -> Void = { _ in }) -> [Progress] {
        while !advance().isEmpty { onStep(self) }
        return progress
    }
}
