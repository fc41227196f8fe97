import Gradients
import Tasks
import TensorCore
import Transformer

/// The differences of items under one set of edits after another, without gradients.
///
/// Use an object of this class from one thread at a time.
final class ItemDifferences {
    let items: [LearningItem]
    private let scorer: TeacherForcedScorer

    /// - Parameter pasts: the beginnings of prompts that have already gone through the model.
    /// - Throws: `InputError` if an item is too long; `CancellationError`.
    init(
        _ items: [LearningItem], model: LanguageModel, pasts: PromptPasts, workers: WorkerPool,
        isCancelled: @escaping () -> Bool
    ) throws {
        self.items = items
        scorer = try TeacherForcedScorer(
            model, prompts: items.map(\.prompt), completions: items.map(\.completions), workers: workers, cacheBytes: 0,
            isCancelled: isCancelled)
        scorer.begin(from: try items.map { try pasts.kept(of: $0.prompt)?.state })
    }

    /// d of each item.
    func differences(_ edits: [Edit]) throws -> [Double] {
        guard items.contains(where: { !$0.completions.isEmpty }) else {
            return zip(items, try scorer.lastLogits(edits: edits)).map { $0.difference(nextLogits: $1[...]) }
        }
        return zip(items, try scorer.logProbabilities(edits: edits)).map { item, completions in
            item.difference(completions.map { $0.reduce(0, +) })
        }
    }
}
