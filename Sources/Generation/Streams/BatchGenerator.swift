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

    /// What is generated, each with its edits as they stand.
    public private(set) var requests: [GenerationRequest]
    /// The texts, in the order of the requests.
    public private(set) var progress: [Progress]
    /// What each text's reads kept of its last pass: of the positions before the newest token, whose values chose it. Empty
    /// before the first pass, and for a text without reads.
    public private(set) var readings: [[ReadResult]]
    private let run: Run
    private var samplers: [Sampler]
    private var pending: [[Int]]
    /// The texts whose edits were changed since their last token.
    private var changed: Set<Int> = []

    /// - Throws: `InputError` for a request that the model can't carry out; see ``GenerationRequest/check(_:)``.
    public init(_ requests: [GenerationRequest], model: LanguageModel, workers: WorkerPool) throws {
        for request in requests { try request.check(model) }
        self.requests = requests
        progress = requests.map { request in
            var progress = Progress()
            if request.maxTokens == 0 { progress.stopReason = .tokenLimit }
            return progress
        }
        readings = requests.map { _ in [] }
        samplers = requests.enumerated().map {
            Sampler($0.element.sampling, stream: $0.element.stream ?? UInt64($0.offset))
        }
        pending = requests.map { Array($0.prompt.dropFirst($0.prefix?.count ?? 0)) }
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
        precondition(requests.indices.contains(text), "There are \(requests.count) texts; there is no text \(text).")
        try run.model.check(edits: edits)
        requests[text].edits = edits
        changed.insert(text)
    }

    /// Changes who looks at a text's values while its next passes compute them; nil for nobody.
    package func setObserver(_ observer: (any SiteObserver)?, of text: Int) {
        precondition(requests.indices.contains(text), "There are \(requests.count) texts; there is no text \(text).")
        run.observers[text] = observer
    }

    /// Ends a text as cancelled: it gets no more tokens.
    ///
    /// - Precondition: a text that is there.
    public func end(_ text: Int) {
        precondition(requests.indices.contains(text), "There are \(requests.count) texts; there is no text \(text).")
        if progress[text].stopReason == nil { progress[text].stopReason = .cancelled }
    }

    /// Generates one more token of each text that goes on.
    ///
    /// - Returns: the indices of the texts that got a token; empty when all have ended.
    public func advance() -> [Int] {
        let active = progress.indices.filter { progress[$0].stopReason == nil }
        guard !active.isEmpty else { return [] }
        let steps = active.map { index in
            Step(
                sequence: index, tokens: pending[index], edits: requests[index].edits,
                changesEdits: changed.contains(index), reads: requests[index].reads)
        }
        let results: [StepResult]
        do {
            results = try run.advance(steps)
        } catch {
            // The requests were checked, so only a cancellation ends up here.
            for index in active { progress[index].stopReason = .cancelled }
            return []
        }
        changed = []
        for (index, result) in zip(active, results) {
            readings[index] = result.reads
            let last = result.logits.row(result.logits.rows - 1)
            guard last.allSatisfy({ $0 > -.infinity && $0 < .infinity }) else {
                progress[index].stopReason = .notFinite
                continue
            }
            let token = samplers[index].next(last)
            progress[index].ids.append(token)
            pending[index] = [token]
            if requests[index].endTokens.contains(token) {
                progress[index].stopReason = .endToken
            } else if progress[index].ids.count >= requests[index].maxTokens {
                progress[index].stopReason = .tokenLimit
            } else if !run.sequences[index].canGrow(in: run.model) {
                progress[index].stopReason = .contextFull
            }
        }
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
