import DataFiles
import TensorCore
import Transformer

/// Forward and backward passes of one frozen model: the gradients of a scalar function of the logits with respect to
/// any sites at any positions, and to the parameters of edits.
///
/// ```swift
/// let run = GradientRun(model, workers: workers)
/// let text = GradientText(
///     tokens: prompt, promptCount: prompt.count, objective: .logitDifference([good], [bad]), reads: [Read(.z(12))])
/// let z = try run.gradients(of: [text])[0][.z(12)]
/// ```
///
/// This is reverse mode, written out for the blocks of all families. Only the residual stream before each block and in
/// its middle is kept, and the output of projections that norms follow; the rest of a block is recomputed when the
/// backward pass reaches it (Chen et al. 2016, arXiv 1604.06174). Memory: that of a forward pass, 8 · L · R · M bytes
/// (16 where norms follow the projections) for R rows, and one block. Weights are read as they are stored, and are
/// unpacked strip by strip.
///
/// The same texts give the same bits for any number of workers. In fast precision, the values of the pass are those of
/// a fast ``Run``, and the gradient is that of the exact function at these values: rounding has no derivative.
///
/// Use a run from one thread at a time.
public final class GradientRun {
    private let run: Run
    private let gradients: GradientBuffers
    private let transposed: TransposedProducts
    private let checkpoints: Checkpoints

    /// Called before each block, forward and backward; if it returns true, the pass throws `CancellationError`.
    public var isCancelled: () -> Bool = { Task.isCancelled }

    /// A layer whose attention and MLP pass no gradient on, so that the gradient goes around them through the residual
    /// stream alone; nil for none.
    ///
    /// The forward pass is not changed. Use this to study gradients that cancel each other (GradDrop, Kramár et al.
    /// 2024, arXiv 2403.00745).
    public var droppedLayer: Int?

    /// Creates a run of a model; its buffers grow with the largest pass and are kept.
    public init(_ model: LanguageModel, workers: WorkerPool) {
        run = Run(model, workers: workers)
        gradients = GradientBuffers(workers: workers.count)
        transposed = TransposedProducts(pool: workers)
        checkpoints = Checkpoints(model.configuration)
    }

    /// The model.
    public var model: LanguageModel { run.model }
    /// The threads that passes are computed on.
    public var workers: WorkerPool { run.workers }

    /// The objective of each text and its gradients.
    ///
    /// Texts go through the model together, in batches of about `Run.maximumRows` positions; a text is never split. The
    /// backward pass ends at the lowest site that any text of its batch reads. Without reads there is no backward pass.
    ///
    /// - Parameter onProgress: called with the number of texts that are done.
    /// - Returns: one result for each text, in the order of the texts.
    /// - Throws: `InputError` if a text asks for something that the model doesn't have, edits in a way that has no
    ///   derivative (see ``GradientText/edits``), or is too long; `CancellationError`; and the errors of the
    ///   objectives.
    public func gradients(
        of texts: [GradientText], onProgress: (Int) -> Void = { _ in }
    ) throws -> [GradientResult] {
        var results: [GradientResult] = []
        try forEach(texts, onProgress: onProgress) { results.append($0) }
        return results
    }

    /// The same, but passes on each text's result when its batch is done: for many texts of which little is kept.
    package func forEach(
        _ texts: [GradientText], onProgress: (Int) -> Void = { _ in }, _ body: (GradientResult) throws -> Void
    ) throws {
        for text in texts { try check(text) }
        for batch in Self.batches(texts.map(\.tokens.count)) {
            for result in try process(Array(texts[batch])) { try body(result) }
            onProgress(batch.upperBound)
        }
    }

    /// The texts that go through the model together: at most `Run.maximumRows` positions, but at least one text.
    ///
    /// - Parameter rows: the number of each text's positions.
    package static func batches(_ rows: [Int]) -> [Range<Int>] {
        var batches: [Range<Int>] = []
        var sum = 0
        for (text, count) in rows.enumerated() {
            sum += count
            if let last = batches.last, sum <= Run.maximumRows {
                batches[batches.count - 1] = last.lowerBound..<text + 1
            } else {
                batches.append(text..<text + 1)
                sum = count
            }
        }
        return batches
    }

    private func check(_ text: GradientText) throws {
        let before = text.past?.count ?? 0
        let count = before + text.tokens.count
        guard text.promptCount >= 1, text.promptCount <= count, !text.tokens.isEmpty else {
            throw InputError.usage(
                "a text of \(count) tokens with a prompt of \(text.promptCount)",
                remedy: "give a prompt of at least one token, and no longer than the text")
        }
        if let past = text.past {
            let rules = text.edits.map(\.positions) + text.reads.map(\.positions)
            guard past.promptCount == text.promptCount,
                !rules.contains(where: { $0.concernsAny(of: past.tokens, promptCount: text.promptCount) })
            else {
                throw InputError.usage(
                    "edits or reads of what comes before a text, or a past with another prompt",
                    remedy: "give all of the text as its tokens")
            }
            let logits = text.objective.terms.map(\.positions)
            guard !logits.contains(where: { $0.concernsAny(of: past.tokens, promptCount: text.promptCount) }) else {
                throw InputError.usage(
                    "an objective that reads logits of what comes before a text: its past has \(past.count) tokens, "
                        + "and the prompt \(text.promptCount)",
                    remedy: "end the past before the first position that the objective reads; the first token after a "
                        + "prompt is predicted at the prompt's last")
            }
        }
        try model.check(tokens: text.tokens, after: before)
        try model.check(length: count, promptCount: text.promptCount)
        try model.check(edits: text.edits)
        for edit in text.edits { try edit.checkDerivative() }
        try model.check(reads: text.reads)
        if let start = text.start {
            precondition(
                start.residual.rows == text.tokens.count
                    && start.layer <= text.edits.firstLayer(of: model.configuration.layers)
                    && text.reads.allSatisfy { $0.site.layer.map { $0 >= start.layer } ?? true },
                "A pass begins with all of a text's rows, at the first block that is edited or read at the latest.")
        }
    }

    private func process(_ texts: [GradientText]) throws -> [GradientResult] {
        let c = model.configuration
        var rows: [PassRow] = []
        var segments: [PassSegment] = []
        for (index, text) in texts.enumerated() {
            let before = text.past?.count ?? 0
            segments.append(
                PassSegment(step: index, rows: rows.count..<rows.count + text.tokens.count, position: before))
            rows += text.tokens.enumerated().map { position, token in
                PassRow(step: index, position: before + position, token: token, promptCount: text.promptCount)
            }
        }
        let record = SiteRecord(c, texts: texts)
        checkpoints.reserve(rows: rows.count)
        try forward(rows, segments, texts, record)
        let residual = record.lowestLayer.map { _ in gradients.residual.reserveZeros(rows.count * c.width) }
        let terms = try LogitsGradient(
            run: run, texts: texts, rows: rows, segments: segments, record: record, transposed: transposed
        ).terms(gradient: residual)
        if let lowest = record.lowestLayer, lowest < c.layers {
            let block = BlockGradient(
                run: run, rows: rows, segments: segments, pasts: texts.map(\.past), record: record,
                checkpoints: checkpoints,
                gradients: gradients, transposed: transposed)
            for layer in (lowest..<c.layers).reversed() {
                if isCancelled() { throw CancellationError() }
                block.takeBack(
                    layer, stopsAtZ: layer == lowest && !record.reads(upTo: .pattern, of: layer),
                    isDropped: layer == droppedLayer)
            }
        }
        return texts.enumerated().map { index, text in
            GradientResult(
                objective: zip(text.objective.terms, terms[index]).reduce(0) { $0 + $1.0.weight * $1.1 },
                terms: terms[index], reads: record.results(of: index))
        }
    }

    private func forward(
        _ rows: [PassRow], _ segments: [PassSegment], _ texts: [GradientText], _ record: SiteRecord
    ) throws {
        run.buffers.reserve(rows: rows.count, model.configuration)
        let first = embed(rows, texts)
        run.operations.prepareRotation(rows)
        // Keys and values of earlier blocks aren't needed again, but attention looks for those of each block in their
        // own place.
        let caches = texts.map { text in
            var cache = (text.past?.state ?? model.makeSequence(promptCount: text.promptCount)).cache
            let before = text.past?.count ?? 0
            cache.prepare(
                count: before + text.tokens.count, used: before, fromLayer: first, recycled: workers.recycled)
            return cache
        }
        var pass = CheckpointedPass(
            rows: rows,
            attention: CausalAttention(
                configuration: model.configuration, buffers: run.buffers, pool: run.workers, segments: segments,
                caches: caches),
            record: record, checkpoints: checkpoints)
        for layer in first..<model.configuration.layers {
            if isCancelled() { throw CancellationError() }
            run.block.run(layer, &pass)
        }
    }

    /// Loads the rows with the values that their pass begins with, and returns the first block to compute.
    private func embed(_ rows: [PassRow], _ texts: [GradientText]) -> Int {
        let starts = texts.compactMap(\.start)
        guard starts.count == texts.count, let layer = starts.first?.layer,
            starts.allSatisfy({ $0.layer == layer })
        else {
            run.operations.embed(rows)
            return 0
        }
        let elements = starts.flatMap(\.residual.elements)
        run.buffers.residual.update(from: elements, count: elements.count)
        return layer
    }
}
