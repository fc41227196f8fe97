import DataFiles
import TensorCore
import Transformer

/// Generates several texts together, one token of each in every pass.
///
/// The requests may have prompts of different lengths, different edits and different sampling; none touches another. This
/// is the engine below ``TokenStream``; use it by itself for side-by-side texts.
public final class BatchGenerator {
    /// One text as far as it has come.
    public struct Progress: Sendable {
        /// The tokens generated so far.
        public internal(set) var ids: [Int] = []
        /// Why it ended; nil while it goes on.
        public internal(set) var stopReason: StopReason?
    }

    /// The texts' requests, with the edits and reads that they go on with.
    public var requests: [GenerationRequest] { texts.map(\.request) }
    /// The texts, in the order of the requests.
    public var progress: [Progress] { texts.map(\.progress) }
    /// What each text's reads kept of its last pass: of the positions before the newest token, whose values chose it. Empty
    /// before the first pass, and for a text without reads.
    public var readings: [[ReadResult]] { texts.map(\.readings) }
    private let run: Run
    private var texts: [GrowingText]

    /// - Throws: `InputError` for a request that the model can't carry out (see ``GenerationRequest/check(_:)``), and for texts
    ///   whose keys and values, at their full lengths, would take more memory than the system has left.
    public init(_ requests: [GenerationRequest], model: LanguageModel, workers: WorkerPool) throws {
        for request in requests { try request.check(model) }
        try model.checkMemory(
            positions: requests.map { $0.mostPositions(in: model) }, available: SystemMemory.available)
        texts = requests.enumerated().map { GrowingText($1, model: model, stream: UInt64($0)) }
        run = Run(model, workers: workers)
        run.sequences = requests.map { $0.prefix ?? model.makeSequence(promptCount: $0.prompt.count) }
    }

    /// Asked before each layer: where it says true, all texts that still go on end as cancelled.
    public var isCancelled: () -> Bool {
        get { run.isCancelled }
        set { run.isCancelled = newValue }
    }

    /// Changes a text's edits from its next token on: another strength, another plan, none. What the model remembers of
    /// the text so far stays as it was computed.
    ///
    /// - Throws: `InputError` of the kind `.usage` for edits that the model has no place for; nothing is changed then.
    /// - Precondition: a text that is there.
    public func setEdits(_ edits: [Edit], of text: Int) throws {
        check(text)
        try run.model.check(edits: edits)
        texts[text].setEdits(edits)
    }

    /// Changes who looks at a text's values while its next passes compute them; nil for nobody.
    package func setObserver(_ observer: (any SiteObserver)?, of text: Int) {
        check(text)
        run.observers[text] = observer
    }

    /// Ends a text as cancelled: it gets no more tokens.
    ///
    /// - Precondition: a text that is there.
    public func end(_ text: Int) {
        check(text)
        texts[text].end(.cancelled)
    }

    private func check(_ text: Int) {
        precondition(texts.indices.contains(text), "There are \(texts.count) texts; there is no text \(text).")
    }

    /// Generates one more token of each text that goes on.
    ///
    /// - Returns: the indices of the texts that got a token; empty when all have ended.
    public func advance() -> [Int] {
        let active = texts.indices.filter { texts[$0].progress.stopReason == nil }
        guard !active.isEmpty else { return [] }
        let steps = active.map { texts[$0].step(sequence: $0) }
        let results: [StepResult]
        do {
            results = try run.advance(steps)
        } catch {
            // The requests were checked, so only a cancellation ends up here.
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
