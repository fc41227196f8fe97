import DataFiles
import TensorCore

/// Many variants of the last position of some prompts, each with its own edits of z there, in one pass over the layers.
///
/// An edit at the last position changes nothing before it. So the prompts go through the model once, and a variant
/// shares its prompt's keys and values. It also shares the unedited computation up to its first edited layer. There it
/// becomes a row of its own, and all rows go on together as one matrix. A sweep over all heads of a model therefore
/// costs about half as much as the same number of last positions, L · H · P · (the cost of a row) / 2, with P prompts.
public final class PromptVariants {
    /// The most rows that go through the model together; more variants take several passes.
    public static let maximumRows = 512

    /// The model that the prompts went through.
    public let model: LanguageModel
    /// For each prompt, the tokens whose logits are wanted.
    public let tokens: [[Int]]
    private let prompts: [[Int]]
    private let run: Run
    private let attention: VariantAttention
    /// The rows of the unembedding that any prompt asks for, [distinct tokens, M].
    private let unembedding: Matrix
    private let unembeddingBias: [Float]
    /// For each prompt, the place of each of its tokens in ``unembedding``.
    private let places: [[Int]]

    /// Takes the prompts, without their last tokens, through the model.
    ///
    /// - Parameters:
    ///   - prompts: the tokens of each prompt, at least one.
    ///   - tokens: for each prompt, the tokens whose logits are wanted; only their rows of the unembedding are used.
    /// - Throws: `InputError` if a prompt has a token that the model doesn't have, or is too long; `CancellationError`.
    /// - Precondition: at least one prompt, and a list of tokens for each.
    public init(_ model: LanguageModel, prompts: [[Int]], tokens: [[Int]], workers: WorkerPool) throws {
        precondition(
            !prompts.isEmpty && prompts.count == tokens.count, "Each prompt needs its list of tokens to read.")
        self.model = model
        self.prompts = prompts
        self.tokens = tokens
        run = Run(model, workers: workers)
        for (prompt, wanted) in zip(prompts, tokens) {
            try model.check(prompt: prompt)
            try model.check(tokens: wanted.filter { $0 < 0 || $0 >= model.configuration.vocabulary })
        }
        run.sequences = prompts.map { model.makeSequence(promptCount: $0.count) }
        let steps = prompts.enumerated().filter { $0.element.count > 1 }
            .map { Step(sequence: $0.offset, tokens: Array($0.element.dropLast()), logits: nil) }
        if !steps.isEmpty { try run.advance(steps) }
        // The kernels read up to the next position.
        for index in prompts.indices {
            let count = run.sequences[index].count
            run.sequences[index].cache.prepare(count: count + 1, used: count, recycled: workers.recycled)
        }
        attention = VariantAttention(
            groups: model.configuration.headGroups, buffers: run.buffers, pool: workers)

        let distinct = Set(tokens.joined()).sorted()
        let place = Dictionary(uniqueKeysWithValues: distinct.enumerated().map { ($1, $0) })
        places = tokens.map { $0.compactMap { place[$0] } }
        let layer = model.weights.unembedding
        var rows = Matrix(rows: distinct.count, columns: model.configuration.width)
        rows.elements.withUnsafeMutableBufferPointer { buffer in
            guard let start = buffer.baseAddress else { return }
            for (index, token) in distinct.enumerated() {
                layer.weights.unpack(row: token, into: start + index * model.configuration.width)
            }
        }
        unembedding = rows
        unembeddingBias = distinct.map { layer.bias?[$0] ?? 0 }
    }

    /// Called before each layer; if it returns true, the pass throws `CancellationError`.
    public var isCancelled: () -> Bool {
        get { run.isCancelled }
        set { run.isCancelled = newValue }
    }

    /// The logits of the wanted tokens at the last position of every prompt, for each variant.
    ///
    /// - Parameters:
    ///   - variants: the edits of each variant, applied at the last position; none for the unedited model.
    ///   - onProgress: called with the number of variants that are done.
    /// - Returns: for each variant and prompt, the logits of the prompt's tokens.
    /// - Throws: `InputError` if an edit doesn't fit the model; `CancellationError`.
    public func logits(
        of variants: [[HeadEdit]], onProgress: (Int) -> Void = { _ in }
    ) throws -> [[[Float]]] {
        for edit in variants.joined() { try edit.at(.last).check(model.configuration) }
        // Variants that begin at the same layer are grouped, so that a pass computes few rows before its first edit.
        let order = variants.indices.sorted { (entry(variants[$0]), $0) < (entry(variants[$1]), $1) }
        // The rows of the unedited prompts are counted too.
        let size = max(1, Self.maximumRows / prompts.count - 1)
        var results = [[[Float]]](repeating: [], count: variants.count)
        var start = 0
        while start < order.count {
            let chunk = Array(order[start..<min(start + size, order.count)])
            for (variant, logits) in zip(chunk, try compute(chunk.map { variants[$0] })) { results[variant] = logits }
            start += chunk.count
            onProgress(start)
        }
        return results
    }

    /// The first layer that a variant edits; L for a variant without edits.
    private func entry(_ edits: [HeadEdit]) -> Int {
        edits.filter { !$0.change.isIdentity }.map(\.layer).min() ?? model.configuration.layers
    }

    private func compute(_ variants: [[HeadEdit]]) throws -> [[[Float]]] {
        let c = model.configuration
        let buffers = run.buffers
        // Rows 0 ..< P are the unedited prompts.
        let places = prompts.map {
            PassRow(step: 0, position: $0.count - 1, token: $0.last ?? 0, promptCount: $0.count)
        }
        buffers.reserve(rows: prompts.count * (1 + variants.count), c)
        run.operations.embed(places)
        var pass = VariantPass(
            run: run, attention: attention, prompts: prompts.indices.map { run.sequences[$0] }, places: places,
            variants: variants, entries: variants.map(entry),
            rows: prompts.indices.map { VariantRow(prompt: $0, variant: nil) })
        for layer in 0..<c.layers {
            if isCancelled() { throw CancellationError() }
            pass.prepareRotation()
            run.block.run(layer, &pass)
        }
        _ = run.operations.normed(model.weights.finalNorm, into: buffers.normalized, rows: pass.rowCount)
        return collect(pass.rows, variants: variants.count)
    }

    private func collect(_ rows: [VariantRow], variants: Int) -> [[[Float]]] {
        let count = unembedding.rows
        var logits = [Float](repeating: 0, count: rows.count * count)
        logits.withUnsafeMutableBufferPointer { logits in
            unembedding.elements.withUnsafeBufferPointer { weights in
                guard let logits = logits.baseAddress, let weights = weights.baseAddress else { return }
                DotProducts.run(
                    n: unembedding.columns, run.buffers.normalized, rows: rows.count, strideX: unembedding.columns,
                    weights, rows: count, strideW: unembedding.columns, into: logits, strideY: count)
            }
        }
        func values(row: Int, prompt: Int) -> [Float] {
            var values = places[prompt].map { logits[row * count + $0] + unembeddingBias[$0] }
            values.withUnsafeMutableBufferPointer { values in
                if let start = values.baseAddress {
                    model.configuration.unembedding.finish(start, count: values.count)
                }
            }
            return values
        }
        // A variant without edits is the unedited prompt itself.
        let unedited = prompts.indices.map { values(row: $0, prompt: $0) }
        var results = [[[Float]]](repeating: unedited, count: variants)
        for (row, place) in rows.enumerated() {
            if let variant = place.variant { results[variant][place.prompt] = values(row: row, prompt: place.prompt) }
        }
        return results
    }
}
