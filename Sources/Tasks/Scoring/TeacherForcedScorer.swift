import DataFiles
import TensorCore
import Transformer

/// Log-probabilities of completions after prompts, teacher-forced, under one set of edits after another.
///
/// For the same tokens and edits, the numbers are bit-identical to those of `Run.score`: P is the prompt's length, and
/// an edit affects the positions that its rule selects. The prompts without their last tokens go through the model
/// once, unedited, and every call forks these states. If an edit touches a position before P − 1, the kept state can't
/// be used. That prompt is then computed from the first position that the edit affects
/// (``touchesOnlyLastAndLater(_:prompt:)``).
///
/// Up to the first block that the edits affect, a pass is the same as the unedited one. From the second call on, the
/// residual stream at that block is kept, up to 256 MB in all, so that later calls begin there.
///
/// Use a scorer from one thread at a time.
public final class TeacherForcedScorer {
    /// The default number of bytes for the keys and values of prompts that are kept: 1 GiB.
    ///
    /// This holds 23,000 tokens of SmolLM2-135M, or 1,000 of Llama-2-7B. Prompts that don't fit are computed in each
    /// call.
    public static let cacheBytes = 1 << 30

    /// The model that scores.
    public let model: LanguageModel
    /// The prompts, [prompt][token].
    public let prompts: [[Int]]
    /// The completions of each prompt, [prompt][completion][token].
    public let completions: [[[Int]]]
    /// Called before each layer; if it returns true, the work throws `CancellationError`.
    public var isCancelled: () -> Bool {
        get { run.isCancelled }
        set { run.isCancelled = newValue }
    }
    /// Called after each batch with the number of prompts done and the number of all prompts.
    public var onProgress: (_ done: Int, _ of: Int) -> Void = { _, _ in }

    private let run: Run
    private let workers: WorkerPool
    private var promptStates: PromptStates
    /// The unedited residual stream of each prompt's last token with each of its completions, in the order of
    /// ``number(of:)``.
    private var uneditedForks: UneditedResidual
    /// Whether there was an earlier call; for a scorer that is called only once, nothing is worth keeping.
    private var isCalledAgain = false
    /// The index of each prompt's first fork.
    private let firstForks: [Int]

    /// Runs the model over the prompts, except their last tokens.
    ///
    /// - Parameters:
    ///   - prompts: the prompts, each of at least one token.
    ///   - completions: any number of completions for each prompt, each of at least one token; empty if only
    ///     ``lastLogits(edits:)`` is needed.
    ///   - cacheBytes: the maximum number of bytes for the prompts' keys and values.
    /// - Throws: `InputError` if the model doesn't have a token or if a text is longer than its context;
    ///   `CancellationError`.
    /// - Precondition: `completions` is empty or has a list for each prompt.
    public init(
        _ model: LanguageModel, prompts: [[Int]], completions: [[[Int]]] = [], workers: WorkerPool,
        cacheBytes: Int = TeacherForcedScorer.cacheBytes, isCancelled: @escaping () -> Bool = { Task.isCancelled }
    ) throws {
        let completions = completions.isEmpty ? prompts.map { _ in [] } : completions
        precondition(prompts.count == completions.count, "Each prompt needs its list of completions.")
        self.model = model
        self.prompts = prompts
        self.completions = completions
        for (prompt, completions) in zip(prompts, completions) {
            try model.check(prompt: prompt)
            for completion in completions { try model.check(completion: completion, after: prompt) }
        }
        self.workers = workers
        run = Run(model, workers: workers)
        run.isCancelled = isCancelled
        // A prompt without completions has a fork too: its last token.
        let forks = completions.map { $0.isEmpty ? [1] : $0.map(\.count) }
        firstForks = forks.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }
        uneditedForks = UneditedResidual(lengths: forks.flatMap(\.self), model.configuration)
        promptStates = PromptStates(model, prompts, mostUnedited: UneditedResidual.bytes - uneditedForks.bytes)
        try promptStates.keep(cacheBytes: cacheBytes, run)
    }

    /// Starts from states that were computed elsewhere, instead of the states that a scorer computes itself.
    ///
    /// - Parameter states: for each prompt, the unedited state of all tokens but the last; nil to compute it in each
    ///   call.
    /// - Precondition: there is a state or nil for each prompt.
    package func begin(from states: [SequenceState?]) {
        precondition(states.count == prompts.count, "Each prompt needs its state or nil.")
        promptStates.begin(from: states)
        uneditedForks.forget()
    }

    /// The natural logarithm of each completion token's probability, [prompt][completion][token].
    ///
    /// - Throws: `CancellationError`.
    /// - Complexity: one row of the model for each prompt and for each completion token but the last; completions of a
    ///   prompt share the tokens that they begin with.
    public func logProbabilities(edits: [Edit] = []) throws -> [[[Double]]] {
        var result: [[[Double]]] = completions.map { $0.map { _ in [] } }
        let forks = completions.enumerated().flatMap { prompt, completions in
            completions.enumerated().map { index, completion in
                Fork(prompt: prompt, completion: index, tokens: prompts[prompt].suffix(1) + completion.dropLast())
            }
        }
        try forEach(forks, edits: edits) { batch in
            // Each log-probability needs a sum over the vocabulary.
            let values = try batch.concurrentMap(workers) { [completions] fork, logits in
                zip(completions[fork.prompt][fork.completion], logits).map { token, logits in
                    Run.logProbability(of: token, logits: logits[...])
                }
            }
            for ((fork, _), own) in zip(batch, values) { result[fork.prompt][fork.completion] = own }
        }
        return result
    }

    /// The logits of the whole vocabulary at each prompt's last position, [prompt][V].
    ///
    /// - Throws: `CancellationError`.
    public func lastLogits(edits: [Edit] = []) throws -> [[Float]] {
        var result = [[Float]](repeating: [], count: prompts.count)
        let forks = prompts.enumerated().map { Fork(prompt: $0, completion: 0, tokens: $1.suffix(1)) }
        try forEach(forks, edits: edits) { batch in
            for (fork, logits) in batch { result[fork.prompt] = logits[0] }
        }
        return result
    }

    // MARK: Batches

    /// One sequence to compute: a prompt's last token, followed by a completion without its last token.
    private struct Fork: Sendable {
        var prompt: Int
        var completion: Int
        var tokens: [Int]
    }

    /// - Parameter forks: forks of the same prompt must follow each other.
    private func forEach(
        _ forks: [Fork], edits: [Edit], _ body: (_ batch: [(fork: Fork, logits: [[Float]])]) throws -> Void
    ) throws {
        let most = max(1, min(Run.maximumRows, Self.logitBytes / 4 / model.configuration.vocabulary))
        var start = 0
        while start < forks.count {
            var (end, rows, room) = (start, 0, Self.forkBytes)
            while end < forks.count {
                rows += forks[end].tokens.count
                let prompt = forks[end].prompt
                let past = prompts[prompt].count - 1
                room -= model.forkBytes(after: past, adding: forks[end].tokens.count)
                if end == start || forks[end - 1].prompt != prompt, promptStates.mustCompute(prompt, edits) {
                    room -= model.cacheBytes(positions: past)
                }
                if end > start, rows > most || room < 0 { break }
                end += 1
            }
            let batch = Array(forks[start..<end])
            let logits = try logits(batch, edits: edits)
            try body(batch.indices.compactMap { index in logits[index].map { (batch[index], $0) } })
            start = end
            onProgress(start < forks.count ? forks[start].prompt : prompts.count, prompts.count)
        }
        isCalledAgain = true
    }

    /// The logits at each fork's tokens, from the prompt's last token on.
    private func logits(_ forks: [Fork], edits: [Edit]) throws -> [Int: [[Float]]] {
        let members = Dictionary(grouping: forks.indices) { forks[$0].prompt }
        let order = members.keys.sorted()
        let layers = model.configuration.layers
        let numbers = forks.map(number)
        // All forks begin at the same block, which isn't before the block at which the state of a prompt begins.
        let blocks = uneditedForks.known(of: numbers, upTo: edits.firstLayer(of: layers))
        let known = promptStates.known(blocks, of: order, edits: edits).max() ?? 0
        let states = try promptStates.states(
            of: order, edits: edits, from: known, keepsResidual: isCalledAgain, run)
        let kept =
            isCalledAgain
            ? uneditedForks.wanted(of: numbers, from: known, upTo: edits.lastUneditedRead(of: layers)) : []
        let starts = zip(order, states).map { prompt, state in
            SharedBeginnings.Start(
                state, (members[prompt] ?? []).map { SharedBeginnings.Member($0, forks[$0].tokens) })
        }
        let unedited = uneditedForks
        let ends = try SharedBeginnings(
            run: run, edits: edits, wantsLogits: true,
            start: known == 0 ? nil : (known, { unedited.rows(of: numbers[$0], $1, before: known) }), keptBlocks: kept
        ).advance(starts)
        for (fork, end) in ends { uneditedForks.keep(numbers[fork], before: kept, end.residual) }
        return ends.mapValues(\.logits)
    }

    private func number(of fork: Fork) -> Int { firstForks[fork.prompt] + fork.completion }

    /// The maximum number of bytes of logits, and of keys and values of forks, in one batch.
    private static let logitBytes = 1 << 26
    private static let forkBytes = 1 << 27
}
