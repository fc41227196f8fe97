import DataFiles
import Gradients
import Tasks
import TensorCore
import Transformer

/// Steering attribution: the first-order effect of editing each head on the logit difference, for all heads at once
/// from one backward pass.
///
/// Let d be the logit difference and δ = edit(z) − z at a head. The estimate is ∇_z d · δ, the derivative of the effect
/// along the edit times the edit's length (attribution patching, Nanda 2023; Syed et al. 2023, arXiv 2310.10348, for a
/// steering edit). A sweep measures the same effects, one head after the other; ``EffectAgreement`` shows how far the
/// estimates are from them. The estimates are wrong if a small step says little about a large one: at large strengths,
/// and at heads on which later layers saturate.
///
/// With several steps, the gradient is the mean over points of the path from z to the edited z, one head at a time
/// (integrated gradients, Sundararajan et al. 2017, arXiv 1703.01365). With more steps, the estimate approaches the
/// effect itself, but it takes more passes than measuring the effect where a sweep can. Moving heads together would
/// take fewer passes, but then each head's part would be mixed with the effects of the others: on SmolLM2, a path of a
/// whole layer ranks heads worse than the gradient alone.
public struct SteeringAttribution {
    private let run: GradientRun
    private let items: [AttributedItem]

    /// Makes an attribution on some items; nothing is computed yet.
    public init(
        _ model: LanguageModel, items: [AttributedItem], workers: WorkerPool,
        isCancelled: @escaping () -> Bool = { Task.isCancelled }
    ) {
        run = GradientRun(model, workers: workers)
        run.isCancelled = isCancelled
        self.items = items
    }

    /// Makes an attribution of the logit difference between next tokens, as a sweep measures it.
    public init(
        _ model: LanguageModel, items: [ContrastItem], workers: WorkerPool,
        isCancelled: @escaping () -> Bool = { Task.isCancelled }
    ) {
        self.init(model, items: items.map { AttributedItem($0) }, workers: workers, isCancelled: isCancelled)
    }

    /// Estimates the effect of each edit by itself, largest first.
    ///
    /// - Parameters:
    ///   - edits: at most one edit of each head.
    ///   - positions: the positions of the edits; by default the last prompt token and all tokens of an answer, as in a
    ///     sweep and in scoring. The estimate is the sum over these positions.
    ///   - steps: the number of points on a head's path. 1 uses the gradient of the unedited model; N uses the middles
    ///     of N parts of the path.
    ///   - onProgress: called with the number of texts that are done, of ``textCount(of:steps:)``.
    /// - Throws: `InputError` if a text is too long, or if an edit is of a head that the model doesn't have;
    ///   `CancellationError`.
    /// - Complexity: with one step, a forward pass over all items and about twice as much for the backward pass, which
    ///   recomputes the blocks. With several steps, the same again for each step of each head, over the positions from
    ///   the first edited one on.
    /// - Precondition: `steps` is at least 1.
    public func effects(
        of edits: [HeadEdit], at positions: PositionRule = .last, steps: Int = 1, onProgress: (Int) -> Void = { _ in }
    ) throws -> [HeadEffect] {
        precondition(steps >= 1, "An attribution needs at least one step, not \(steps).")
        try run.model.check(edits: edits.map { $0.at(positions) })
        let reads = Set(edits.map(\.layer)).sorted().map { Read(.z($0), at: positions) }
        let texts = try self.texts(at: positions, reads: reads)
        let unedited = try run.gradients(of: texts, onProgress: onProgress)
        let size = run.model.configuration.headSize
        var done = texts.count
        // From the top layer down, so that the backward passes of high layers end early.
        var changes = edits.map { _ in [Double]() }
        for edit in edits.indices.sorted(by: { (-edits[$0].layer, $0) < (-edits[$1].layer, $1) }) {
            let moves = zip(texts, unedited).map { Move(edits[edit], $1, $0, headSize: size) }
            var gradients = [unedited]
            if steps > 1 {
                let moved = (0..<steps).flatMap { step in
                    zip(texts, moves).map { text, move in
                        var text = text
                        text.edits = move.edits(times: (Float(step) + 0.5) / Float(steps))
                        text.reads = [Read(.z(move.head.layer), at: positions)]
                        return text
                    }
                }
                let results = try run.gradients(of: moved) { onProgress(done + $0) }
                gradients = (0..<steps).map { Array(results[($0 * texts.count)..<(($0 + 1) * texts.count)]) }
                done += moved.count
            }
            changes[edit] = sums(
                texts.indices.map { text in
                    gradients.reduce(0.0) { $0 + moves[text].products(with: $1[text]).reduce(0, +) }
                        / Double(gradients.count)
                })
        }
        return [HeadEffect](edits.map(\.target), changes: changes, groups: items.map(\.group))
    }

    /// The number of texts that go through the model: those of all items, plus with several steps those for each step
    /// and head.
    public func textCount(of edits: [HeadEdit], steps: Int) -> Int {
        let points = steps == 1 ? 0 : steps * edits.count
        return items.reduce(0) { $0 + $1.parts.count } * (1 + points)
    }

    /// The texts of all items; the tokens before the edited positions go through the model once, as a constant.
    private func texts(at positions: PositionRule, reads: [Read]) throws -> [GradientText] {
        let pasts = PromptPasts(run, positions: positions)
        return try items.flatMap(\.parts).map { part in
            var text = part.text(reads: reads)
            if let past = try pasts.past(of: part.prompt) {
                text.past = past
                text.tokens.removeFirst(past.count)
            }
            return text
        }
    }

    /// The sum over the texts of each item.
    private func sums(_ texts: [Double]) -> [Double] {
        var first = 0
        return items.map { item in
            defer { first += item.parts.count }
            return texts[first..<(first + item.parts.count)].reduce(0, +)
        }
    }

    /// Estimates the effects on one item by head and position, [edits, T], where T is the number of the prompt's
    /// tokens.
    ///
    /// - Parameter item: the index of the item.
    /// - Throws: what ``effects(of:at:steps:onProgress:)`` throws.
    /// - Precondition: the item exists and has one text.
    public func positionEffects(of edits: [HeadEdit], item: Int) throws -> Matrix {
        precondition(items.indices.contains(item), "There are \(items.count) items; there is no item \(item).")
        precondition(items[item].parts.count == 1, "A map over positions shows one text.")
        try run.model.check(edits: edits.map { $0.at(.all) })
        let reads = Set(edits.map(\.layer)).sorted().map { Read(.z($0), at: .all) }
        let text = items[item].parts[0].text(reads: reads)
        let result = try run.gradients(of: [text])[0]
        let rows = edits.map {
            Move($0, result, text, headSize: run.model.configuration.headSize).products(with: result)
        }
        return Matrix(rows: edits.count, columns: text.tokens.count, elements: rows.flatMap { $0.map { Float($0) } })
    }

    /// The size of the estimates when gradients can't cancel each other (GradDrop, Kramár et al. 2024, arXiv
    /// 2403.00745, section 3.2).
    ///
    /// For each head, it is the mean over the other layers of the size of the head's estimate with that layer's
    /// attention and MLP left out of the backward pass. If later layers undo a head's direct effect, its estimate is
    /// small, but the head may still have a large effect when it is moved far. The value here is then much larger than
    /// the size of the estimate.
    ///
    /// - Parameter onProgress: called with the number of layers that are done.
    /// - Throws: what ``effects(of:at:steps:onProgress:)`` throws.
    /// - Complexity: as many passes forward and back as there are layers.
    public func sizesWithoutCancellation(
        of edits: [HeadEdit], at positions: PositionRule = .last, onProgress: (Int) -> Void = { _ in }
    ) throws -> [HeadResult<Double>] {
        try run.model.check(edits: edits.map { $0.at(positions) })
        let reads = Set(edits.map(\.layer)).sorted().map { Read(.z($0), at: positions) }
        let texts = try texts(at: positions, reads: reads)
        let (layers, size) = (run.model.configuration.layers, run.model.configuration.headSize)
        defer { run.droppedLayer = nil }
        var sizes: [Head: Double] = [:]
        for layer in 0..<layers {
            run.droppedLayer = layer
            let results = try run.gradients(of: texts)
            // With a head's own layer left out, no gradient reaches the head.
            for edit in edits where edit.layer != layer {
                let changes = sums(
                    zip(texts, results).map { text, result in
                        Move(edit, result, text, headSize: size).products(with: result).reduce(0, +)
                    })
                sizes[edit.target, default: 0] += abs(changes.reduce(0, +) / Double(changes.count))
            }
            onProgress(layer + 1)
        }
        return edits.map { HeadResult($0.target, (sizes[$0.target] ?? 0) / Double(max(layers - 1, 1))) }
    }
}
