import DataFiles
import Gradients
import Tasks
import TensorCore
import Transformer

/// Patching attribution: the effect, to first order, of replacing each head's z with its z from another prompt, for all
/// heads and positions at once (Nanda 2023; Kramár et al. 2024, arXiv 2403.00745).
///
/// Let z_c be from a clean prompt and z_o from a corrupted one with the same number of tokens. The estimate is ∇_z d ·
/// (z_o − z_c) at each head and position, with the gradient of the clean prompt. With several steps, the gradient is
/// the mean over the path from the clean prompt's embeddings to the corrupted one's, the inputs of the first block
/// (Hanna et al. 2024, arXiv 2403.17806).
public struct PatchingAttribution {
    private let run: GradientRun
    private let items: [ContrastItem]
    private let corrupted: [[Int]]

    /// Makes an attribution; nothing is computed yet.
    ///
    /// - Parameters:
    ///   - items: the clean prompts, with the tokens whose logit difference is measured.
    ///   - corrupted: for each clean prompt, another prompt with the same number of tokens.
    /// - Throws: `InputError` of the kind `.badData` if a corrupted prompt has another length or is missing.
    public init(
        _ model: LanguageModel, items: [ContrastItem], corrupted: [[Int]], workers: WorkerPool,
        isCancelled: @escaping () -> Bool = { Task.isCancelled }
    ) throws {
        guard items.count == corrupted.count else {
            throw InputError.badData(
                "\(corrupted.count) corrupted prompts for \(items.count) clean ones", in: "the corrupted prompts",
                remedy: "give one for each, in the same order")
        }
        for (index, (item, other)) in zip(items, corrupted).enumerated() where item.prompt.count != other.count {
            throw InputError.badData(
                "a corrupted prompt of \(other.count) tokens for a clean one of \(item.prompt.count)",
                in: "the corrupted prompts: number \(index + 1)",
                remedy: "replace words with others of as many tokens; `headsteer tokenize` shows them")
        }
        run = GradientRun(model, workers: workers)
        run.isCancelled = isCancelled
        self.items = items
        self.corrupted = corrupted
    }

    /// The estimates of all heads, and of each item at each position.
    public struct Result: Sendable {
        /// The mean over items of the sum over positions, for each head, largest first.
        public var heads: [HeadEffect]
        /// The estimates of each item by layer, head and position, [L · H, T] with head h of layer l in row l · H + h.
        public var positions: [Matrix]
    }

    /// Computes the estimates.
    ///
    /// - Parameters:
    ///   - steps: the number of points on the path; 1 uses the gradient of the clean prompt.
    ///   - onProgress: called with the number of texts that are done, of ``textCount(steps:)``.
    /// - Throws: `InputError` if a prompt is too long; `CancellationError`.
    /// - Complexity: a forward pass over both prompts and, for each step, one pass forward and back. Memory: z and
    ///   gradients of the prompts of one batch, about `Run.maximumRows` positions, and the result.
    /// - Precondition: `steps` is at least 1.
    public func effects(steps: Int = 1, onProgress: (Int) -> Void = { _ in }) throws -> Result {
        precondition(steps >= 1, "An attribution needs at least one step, not \(steps).")
        for prompt in items.map(\.prompt) + corrupted { try run.model.check(prompt: prompt) }
        let c = run.model.configuration
        let reads = (0..<c.layers).map { Read(.z($0), at: .all) } + [Read(.residualPre(0), at: .all)]
        let heads = Head.all(c)
        var positions: [Matrix] = []
        var done = 0
        for batch in GradientRun.batches(items.map(\.prompt.count)) {
            let others = try otherZ(batch, reads) {
                done += 1
                onProgress(done)
            }
            var maps = batch.map { Matrix(rows: heads.count, columns: items[$0].prompt.count) }
            let path = PathGradients(
                run: run, texts: batch.map { AttributedItem(items[$0]).parts[0].text(reads: reads) })
            try path.forEach(
                steps: steps, onProgress: { onProgress(done + $0) }, moves: { Self.moves(from: $1, to: others[$0], c) }
            ) { text, moves, result in
                for (row, move) in moves.enumerated() {
                    for (position, value) in move.products(with: result).enumerated() {
                        maps[text][row, position] += Float(value / Double(steps))
                    }
                }
            }
            done += batch.count * PathGradients.passes(steps: steps)
            positions += maps
        }
        return result(positions)
    }

    /// Measures what ``effects(steps:onProgress:)`` estimates: each head's z is replaced at each position, one at a time.
    ///
    /// - Parameter onProgress: called with the number of positions that are done, of ``positionCount``.
    /// - Returns: the measured changes, in the form of the estimates.
    /// - Throws: `InputError` if a prompt is too long; `CancellationError`.
    /// - Complexity: for each item L · H · T passes, from the head's block and position on; none where both prompts have
    ///   the same z, as before the first token that differs. Memory: the residual stream of one prompt before each
    ///   block, its keys and values, z of both prompts, up to 128 positions of keys and values for each head of a
    ///   batch, and the result.
    public func measuredEffects(onProgress: (Int) -> Void = { _ in }) throws -> Result {
        for prompt in items.map(\.prompt) + corrupted { try run.model.check(prompt: prompt) }
        let sites = (0..<run.model.configuration.layers).map { Site.z($0) }
        var done = 0
        return result(
            try zip(items, corrupted).map { item, other in
                let changes = try PatchedPasses(run, item).effects(of: sites, corrupted: other) {
                    done += 1
                    onProgress(done)
                }
                return PatchedPasses.joined(changes[...])
            })
    }

    /// The number of positions of all clean prompts.
    public var positionCount: Int { items.reduce(0) { $0 + $1.prompt.count } }

    private func result(_ positions: [Matrix]) -> Result {
        let heads = Head.all(run.model.configuration)
        let changes = heads.indices.map { row in
            positions.map { $0.row(row).reduce(0.0) { $0 + Double($1) } }
        }
        return Result(
            heads: [HeadEffect](heads, changes: changes, groups: items.map(\.group)), positions: positions)
    }

    /// The number of texts that go through the model.
    public func textCount(steps: Int) -> Int { items.count * (1 + PathGradients.passes(steps: steps)) }

    /// For each corrupted prompt of a batch, z by layer, [layers][T, H · D], and last the input of its first block,
    /// [T, M].
    private func otherZ(_ batch: Range<Int>, _ reads: [Read], onPrompt: () -> Void) throws -> [[Matrix]] {
        let forward = Run(run.model, workers: run.workers)
        forward.isCancelled = run.isCancelled
        return try corrupted[batch].map { prompt in
            forward.sequences = [run.model.makeSequence(promptCount: prompt.count)]
            let result = try forward.advance([Step(tokens: prompt, reads: reads, logits: nil)])[0]
            onPrompt()
            return result.reads.map(\.values)
        }
    }

    /// The difference of each head's z between the two prompts, and the path from one prompt to the other.
    private static func moves(from result: GradientResult, to other: [Matrix], _ c: ModelConfiguration) -> PathMoves {
        let moves = Head.all(c).map { head in
            guard let read = result[.z(head.layer)] else { return Move(head, positions: [], steps: []) }
            return Move(
                head, positions: read.positions,
                steps: read.positions.indices.map { row in
                    zip(
                        other[head.layer].values(row: row, ofHead: head.index, size: c.headSize),
                        read.values.values(row: row, ofHead: head.index, size: c.headSize)
                    ).map { $0 - $1 }
                })
        }
        let steps = (result[.residualPre(0)]?.values.elements ?? []).enumerated().map { index, value in
            other[c.layers].elements[index] - value
        }
        return PathMoves(moves: moves) { place in
            stride(from: 0, to: steps.count, by: c.width).map { first in
                let position = first / c.width
                return Edit(
                    .residualPre(0), positions: .range(from: position, to: position + 1),
                    .add(steps[first..<(first + c.width)].map { place * $0 }))
            }
        }
    }
}
