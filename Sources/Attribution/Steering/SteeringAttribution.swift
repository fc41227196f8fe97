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
/// effect itself, but it takes more passes than measuring the effect does. Moving heads together would
/// take fewer passes, but then each head's part would be mixed with the effects of the others: on SmolLM2, a path of a
/// whole layer ranks heads worse than the gradient alone.
public struct SteeringAttribution {
    let run: GradientRun
    let items: [AttributedItem]

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
    ///   the first edited one on. Memory: each text is reduced to its sum when its pass is done. At most 32 texts and
    ///   about `Run.maximumRows` positions are kept at a time. The beginnings of their prompts, before the edited
    ///   positions, take at most 1 GiB, or what one prompt takes; and one more prompt is read before its turn.
    /// - Precondition: `steps` is at least 1.
    public func effects(
        of edits: [HeadEdit], at positions: PositionRule = .last, steps: Int = 1, onProgress: (Int) -> Void = { _ in }
    ) throws -> [HeadEffect] {
        precondition(steps >= 1, "An attribution needs at least one step, not \(steps).")
        try run.model.check(edits: edits.map { $0.at(positions) })
        var changes = edits.map { _ in [Double]() }
        var done = 0
        try forEachGroup(at: positions, layers: edits.map(\.layer)) { group in
            let texts = group.texts
            let found =
                try steps == 1
                ? products(of: edits, texts, onProgress: { onProgress(done + $0) })
                : pathProducts(of: edits, texts, at: positions, steps: steps, onProgress: { onProgress(done + $0) })
            for edit in edits.indices { changes[edit] += group.sums(found[edit]) }
            done += texts.count * (1 + points(of: edits, steps: steps))
        }
        return [HeadEffect](edits.map(\.target), changes: changes, groups: items.map(\.group))
    }

    /// The number of texts that go through the model: those of all items, plus with several steps those for each step
    /// and head.
    public func textCount(of edits: [HeadEdit], steps: Int) -> Int {
        items.reduce(0) { $0 + $1.parts.count } * (1 + points(of: edits, steps: steps))
    }

    /// How often each text goes through the model after the unedited pass.
    private func points(of edits: [HeadEdit], steps: Int) -> Int { steps == 1 ? 0 : steps * edits.count }

    /// The estimate of each edit on each text from the gradient of the unedited model, [edits][texts].
    func products(
        of edits: [HeadEdit], _ texts: [GradientText], onProgress: (Int) -> Void
    ) throws -> [[Double]] {
        let size = run.model.configuration.headSize
        var products = edits.map { _ in [Double]() }
        var text = 0
        try run.forEach(texts, onProgress: onProgress) { result in
            for (index, edit) in edits.enumerated() {
                let move = Move(edit, result, texts[text], headSize: size)
                products[index].append(move.products(with: result).reduce(0, +))
            }
            text += 1
        }
        return products
    }

    /// The estimate of each edit on each text from the mean gradient along the edit's path, [edits][texts].
    private func pathProducts(
        of edits: [HeadEdit], _ texts: [GradientText], at positions: PositionRule, steps: Int,
        onProgress: (Int) -> Void
    ) throws -> [[Double]] {
        let size = run.model.configuration.headSize
        var moves = edits.map { _ in [Move]() }
        var unedited = 0
        try run.forEach(texts, onProgress: onProgress) { result in
            for (index, edit) in edits.enumerated() {
                moves[index].append(Move(edit, result, texts[unedited], headSize: size))
            }
            unedited += 1
        }
        var done = texts.count
        var products = edits.map { _ in [Double](repeating: 0, count: texts.count) }
        // From the top layer down, so that the backward passes of high layers end early.
        for edit in edits.indices.sorted(by: { (-edits[$0].layer, $0) < (-edits[$1].layer, $1) }) {
            let moved = (0..<steps).flatMap { step in
                zip(texts, moves[edit]).map { text, move in
                    var text = text
                    text.edits = move.edits(times: (Float(step) + 0.5) / Float(steps))
                    text.reads = [Read(.z(move.head.layer), at: positions)]
                    return text
                }
            }
            var point = 0
            try run.forEach(moved, onProgress: { onProgress(done + $0) }) { result in
                let text = point % texts.count
                products[edit][text] += moves[edit][text].products(with: result).reduce(0, +)
                point += 1
            }
            done += moved.count
            products[edit] = products[edit].map { $0 / Double(steps) }
        }
        return products
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
}
