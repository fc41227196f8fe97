import Statistics
import Tasks
import Transformer

/// Measures what edits do to the logit difference of contrast prompts.
final class ContrastEffects {
    private let scorer: ItemScorer
    private let before: [Double]

    init(_ path: String, _ opened: OpenedModel, _ environment: CommandEnvironment) throws {
        let file = try DataFile(path)
        let items = try ContrastSet(file.data, tokenizer: opened.tokenizer, file: file.name).items
        scorer = try ItemScorer(
            .contrast(items), model: opened.model, workers: opened.workers,
            isCancelled: { environment.interruption.isRequested })
        before = try scorer.values([]).differences
    }

    /// The mean change of the logit difference; nil if the edits leave no finite logits.
    func effect(of edits: [Edit]) throws -> MeanWithInterval? {
        let after = try scorer.values(edits).differences
        guard after.allSatisfy(\.isFinite) else { return nil }
        return MeanWithInterval(zip(after, before).map { $0 - $1 }, groups: scorer.groups, seed: 0)
    }
}
