import Tasks
import Transformer

/// Logit differences of contrast items under edits of any site at any positions.
struct LogitDifferenceMeter {
    private let items: [ContrastItem]
    private let scorer: TeacherForcedScorer
    /// The mean over the items, without edits.
    let base: Double

    init(_ context: PresetContext, _ items: [ContrastItem]) throws {
        self.items = items
        scorer = try TeacherForcedScorer(
            context.model, prompts: items.map(\.prompt), workers: context.workers, isCancelled: context.isCancelled)
        base = Self.mean(items, try scorer.lastLogits())
    }

    /// The mean logit difference under some edits.
    func mean(_ edits: [Edit]) throws -> Double { Self.mean(items, try scorer.lastLogits(edits: edits)) }

    /// The change of the mean from the unedited model's.
    func change(_ edits: [Edit]) throws -> Double { try mean(edits) - base }

    private static func mean(_ items: [ContrastItem], _ logits: [[Float]]) -> Double {
        zip(items, logits).reduce(0) { sum, pair in
            let (item, logits) = pair
            return sum + item.difference(item.tokens.map { logits[$0] })
        } / Double(max(items.count, 1))
    }
}
