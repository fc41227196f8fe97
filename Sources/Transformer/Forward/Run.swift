import DataFiles
import TensorCore

/// Forward passes of one model over sequences that this run owns.
///
/// A run is the mutable half of an inference: sequences with their key-value caches, and scratch memory. The model is
/// shared and never changed. Use a run from one thread at a time; a program can have any number of runs.
///
/// ```swift
/// let run = Run(model, workers: workers)
/// run.sequences = [model.makeSequence(promptCount: tokens.count)]
/// let result = try run.advance([Step(tokens: tokens, reads: [Read(.z(12))])])[0]
/// ```
///
/// On one machine, the same steps give the same bits for any number of workers. A sequence's values also don't depend
/// on how its prompt is cut into passes, or on what else goes through the model with it: the order of every sum depends
/// only on the row's own past. Another instruction set rounds differently.
public final class Run {
    /// The most rows that go through the model together; longer prompts are cut into pieces.
    ///
    /// For wide models the pieces are shorter, to save memory (256 rows for the shape of Llama-2-7B).
    public static let maximumRows = 512

    /// The model of these passes; other runs may use it at the same time.
    public let model: LanguageModel
    /// The threads that compute the passes.
    ///
    /// Runs may share a pool: a run that finds it busy computes on its own thread.
    public let workers: WorkerPool
    /// The sequences; a copy of one is a fork.
    public var sequences: [SequenceState] = []
    /// Called before each layer; if it returns true, the pass throws `CancellationError`.
    public var isCancelled: () -> Bool = { Task.isCancelled }
    /// Called when a pass reaches a site, in the order of the computation, on the calling thread, even if nothing reads
    /// or edits the site.
    ///
    /// It is meant for profiling; nil costs nothing.
    package var onSite: ((SiteKind) -> Void)?
    /// The observers that look at a sequence's values while they are computed, by the sequence's number.
    package var observers: [Int: any SiteObserver] = [:]

    package let buffers: PassBuffers
    package let operations: BlockOperations
    package let block: Block
    let products: LinearProducts
    private let emptyCache: KeyValueCache
    private let mostRows: Int

    /// A run without sequences, which have to be added before it advances; its buffers grow with the largest pass and
    /// are kept.
    public init(_ model: LanguageModel, workers: WorkerPool) {
        self.model = model
        self.workers = workers
        buffers = PassBuffers(workers: workers.count)
        mostRows = PassBuffers.mostRows(model.configuration)
        emptyCache = KeyValueCache(model.configuration, precision: model.precision)
        products = LinearProducts(pool: workers, precision: model.precision)
        operations = BlockOperations(model: model, buffers: buffers, pool: workers, products: products)
        block = Block(model: model, operations: operations)
    }

    /// Takes sequences some tokens further, all in one batch.
    ///
    /// - Parameters:
    ///   - steps: at most one for each sequence.
    ///   - layers: the number of blocks to stop after; the sequences then give no logits and can't go on.
    /// - Returns: one result for each step, in the order of the steps.
    /// - Throws: `InputError` if a step asks for something that the model or the sequence doesn't have (a site, a head,
    ///   a vector of another length, no tokens), a token is not in the vocabulary, or a sequence grows past the model's
    ///   context; `CancellationError`. The sequences of the steps are then unchanged.
    @discardableResult
    public func advance(_ steps: [Step], stoppingAfter layers: Int? = nil) throws -> [StepResult] {
        try advance(steps, depth: layers ?? model.configuration.layers, from: nil)
    }

    /// Takes sequences some tokens further through the last blocks only, from the output of the blocks before them.
    ///
    /// Nothing is remembered of the blocks that are skipped. So the sequences can go on only in the same way, from the
    /// same block or a later one.
    ///
    /// - Parameters:
    ///   - steps: steps without edits, gates or reads in the blocks that are skipped (``Edit/firstLayer(of:)``).
    ///   - start: the residual stream of an unedited pass there.
    /// - Throws: the same errors as ``advance(_:stoppingAfter:)``.
    /// - Precondition: a residual stream for each step.
    package func advance(_ steps: [Step], from start: ResidualStart) throws -> [StepResult] {
        precondition(
            start.residual.count == steps.count, "A pass that begins late needs a residual stream for each step.")
        return try advance(steps, depth: model.configuration.layers, from: start)
    }

    private func advance(_ steps: [Step], depth: Int, from residual: ResidualStart?) throws -> [StepResult] {
        try check(steps, depth: depth, from: residual?.layer ?? 0)
        let visitor = SiteVisitor(
            model.configuration, steps: steps, openGates: steps.map { sequences[$0.sequence].openGates },
            observers: observers.isEmpty
                ? []
                : steps.enumerated().compactMap { step, request in observers[request.sequence].map { (step, $0) } })
        var results = [StepResult](repeating: StepResult(), count: steps.count)
        var logits = [[Float]](repeating: [], count: steps.count)

        // The caches are taken out while they are written to, so that nothing else holds them.
        var working = steps.map { sequences[$0.sequence] }
        for step in steps { sequences[step.sequence].cache = emptyCache }
        defer {
            for (index, step) in steps.enumerated() { sequences[step.sequence].cache = working[index].cache }
        }
        for (index, step) in steps.enumerated() {
            working[index].cache.prepare(
                count: working[index].count + step.tokens.count, used: working[index].count,
                fromLayer: residual?.layer ?? 0, recycled: workers.recycled)
        }
        while let pass = nextPass(steps, states: working) {
            try compute(pass, steps: steps, states: working, from: residual, depth: depth, visitor: visitor) {
                row, values in
                results[row.step].logitPositions.append(row.position)
                logits[row.step].append(contentsOf: values)
            }
            for row in pass.rows { working[row.step].tokens.append(row.token) }
        }
        for (index, step) in steps.enumerated() {
            let start = sequences[step.sequence].count
            sequences[step.sequence].tokens = working[index].tokens
            sequences[step.sequence].isPartial = depth < model.configuration.layers
            sequences[step.sequence].missingBlocks = residual?.layer ?? 0
            sequences[step.sequence].openGates.formUnion(visitor.openedGates(index))
            sequences[step.sequence].pastEdits.record(
                step.edits, tokens: working[index].tokens, from: start, promptCount: working[index].promptCount,
                mayDiffer: step.changesEdits)
            let rows = results[index].logitPositions.count
            results[index].logits = Matrix(
                rows: rows, columns: rows == 0 ? 0 : model.configuration.vocabulary, elements: logits[index])
            results[index].reads = visitor.results(index, step)
        }
        return results
    }

    /// The next rows: as many as fit, in the order of the steps.
    private func nextPass(_ steps: [Step], states: [SequenceState]) -> Pass? {
        var pass = Pass()
        for (index, step) in steps.enumerated() {
            let position = states[index].count
            let done = position - sequences[step.sequence].count
            let count = min(mostRows - pass.rows.count, step.tokens.count - done)
            if count == 0 { continue }
            let first = pass.rows.count
            for offset in 0..<count {
                pass.rows.append(
                    PassRow(
                        step: index, position: position + offset, token: step.tokens[done + offset],
                        promptCount: states[index].promptCount))
            }
            pass.segments.append(PassSegment(step: index, rows: first..<(first + count), position: position))
        }
        return pass.rows.isEmpty ? nil : pass
    }
}

/// The rows that go through the model together.
struct Pass {
    var rows: [PassRow] = []
    var segments: [PassSegment] = []
}

extension LanguageModel {
    /// Checks that a text doesn't grow past the length up to which its rotary frequencies are valid.
    ///
    /// - Throws: `InputError` of the kind `.badData`.
    package func check(length: Int, promptCount: Int) throws {
        let limit = longestText(promptCount: promptCount)
        guard limit < configuration.context, length > limit else { return }
        throw InputError.badData(
            "a text that grows from \(promptCount) to \(length) tokens, past the \(limit) at which the model's rotary "
                + "frequencies change", in: checkpoint.path,
            remedy: "generate fewer tokens, or begin with a prompt of more than \(limit)")
    }

    /// Checks tokens that will follow `count` others.
    ///
    /// - Throws: `InputError` of the kind `.badData` if one is not in the vocabulary, or there are too many.
    public func check(tokens: [Int], after count: Int = 0) throws {
        if let token = tokens.first(where: { $0 < 0 || $0 >= configuration.vocabulary }) {
            throw InputError.badData(
                "the token \(token), which the model doesn't have", in: checkpoint.path,
                remedy: "its tokens are 0 to \(configuration.vocabulary - 1)")
        }
        guard count + tokens.count <= configuration.context else {
            throw InputError.badData(
                "\(count + tokens.count) tokens, more than the model's context of \(configuration.context)",
                in: checkpoint.path, remedy: "shorten the prompt or generate fewer tokens")
        }
    }
}
