import Attribution
import Directions
import Tasks
import TensorCore
import Transformer

/// A causal sweep: edits one head at a time, z + strength · direction at the last position, and measures the change of
/// the logits.
///
/// It is deterministic and teacher-forced and uses every item. Unlike a ranking from sampled texts, it adds no noise.
public struct HeadSweep {
    private let variants: PromptVariants
    private let items: [ContrastItem]
    /// The logit difference of each item without any edit.
    public let unedited: [Double]

    /// Runs the model over the items' prompts.
    ///
    /// - Throws: `InputError` if a prompt is too long; `CancellationError`.
    public init(
        _ model: LanguageModel, items: [ContrastItem], workers: WorkerPool,
        isCancelled: @escaping () -> Bool = { Task.isCancelled }
    ) throws {
        self.items = items
        variants = try PromptVariants(
            model, prompts: items.map(\.prompt), tokens: items.map(\.tokens), workers: workers)
        variants.isCancelled = isCancelled
        let logits = try variants.logits(of: [[]])[0]
        unedited = zip(items, logits).map { $0.difference($1) }
    }

    /// The change of each item's logit difference under each variant's edits at the last position.
    public func changes(
        _ edits: [[HeadEdit]], onProgress: (Int) -> Void = { _ in }
    ) throws -> [[Double]] {
        try variants.logits(of: edits, onProgress: onProgress).map { logits in
            zip(zip(items, logits), unedited).map { $0.0.difference($0.1) - $1 }
        }
    }

    /// The effect of adding `strength` units of each direction at its head, largest first.
    ///
    /// - Parameters:
    ///   - directions: one direction for each head to sweep; a head whose direction is zero gets the effect 0.
    ///   - strength: the strength, in σ of each direction.
    public func effects(
        of directions: [HeadDirection], strength: Double, onProgress: (Int) -> Void = { _ in }
    ) throws -> [HeadEffect] {
        try effects(of: directions.map { $0.headEdit(sigmas: strength) }, onProgress: onProgress)
    }

    /// The effect of each edit by itself, largest first.
    public func effects(of edits: [HeadEdit], onProgress: (Int) -> Void = { _ in }) throws -> [HeadEffect] {
        let changes = try changes(edits.map { [$0] }, onProgress: onProgress)
        return [HeadEffect](edits.map(\.target), changes: changes, groups: items.map(\.group))
    }
}
