import DataFiles
import Gradients
import TensorCore
import Transformer

/// The loss of items, and its gradient by edits of heads.
///
/// Use an object of this class from one thread at a time.
final class LossGradient {
    /// The values that a step needs.
    struct Result {
        /// The mean loss of the items.
        var loss: Double
        /// The gradient of this mean and of the weighted divergence, by each head's edit.
        var gradients: [AffineGradient]
    }

    private let items: [LearningItem]
    private let unedited: [Double]
    private let loss: PreferenceLoss
    private let positions: PositionRule
    private let neutral: NeutralLogits
    private let headSize: Int
    private let run: GradientRun
    private let pasts: PromptPasts
    private let starts: KnownStarts
    /// The maximum number of items whose prompts are in memory besides those that are kept.
    private static let itemsTogether = 32

    /// - Parameters:
    ///   - unedited: d₀ of each item.
    ///   - positions: the positions at which heads are edited.
    ///   - startBytes: the maximum number of bytes to keep for the blocks before the first edited one.
    init(
        _ items: [LearningItem], unedited: [Double], loss: PreferenceLoss, positions: PositionRule,
        neutral: NeutralLogits, run: GradientRun, pasts: PromptPasts, startBytes: Int = 1 << 28
    ) {
        self.items = items
        self.unedited = unedited
        self.loss = loss
        self.positions = positions
        self.neutral = neutral
        self.run = run
        headSize = run.model.configuration.headSize
        self.pasts = pasts
        starts = KnownStarts(bytes: startBytes)
    }

    /// Computes the gradient over some items and a neutral text.
    ///
    /// - Parameters:
    ///   - chosen: the indices of the items, at least one.
    ///   - text: the index of the neutral text.
    ///   - divergenceWeight: the weight of the text's KL(unedited ‖ edited), in nats a token; 0 leaves it out.
    ///   - heads, edits: the heads, and their edits.
    /// - Throws: `InputError` if the loss is NaN or infinite; `CancellationError`.
    func gradient(
        of chosen: [Int], neutral text: Int, divergenceWeight: Double, heads: [Head], edits: [Edit]
    ) throws -> Result {
        let reads = Set(heads.map(\.layer)).sorted().map { Read(.z($0), at: positions) }
        let share = 1 / Double(chosen.count)
        starts.begin(before: heads.map(\.layer).min() ?? 0)
        var gradients = heads.map { _ in AffineGradient(size: headSize) }
        var mean = 0.0
        for first in stride(from: 0, to: chosen.count, by: Self.itemsTogether) {
            let part = Array(chosen[first..<min(first + Self.itemsTogether, chosen.count)])
            let (objectives, known) = try objectives(of: part, edits)
            var texts = try objectives.map { index, asked in
                try makeText(index, asked.following, edits, share * asked.objective, reads)
            }
            if divergenceWeight > 0, first + part.count == chosen.count {
                texts.append(
                    GradientText(
                        tokens: neutral.texts[text], promptCount: 1, edits: edits,
                        objective: divergenceWeight * .divergence(fromLogits: neutral.logits[text], at: .last),
                        reads: reads))
            }
            var values: [Double] = []
            try run.forEach(starts.added(to: texts, run)) { result in
                add(result, heads, to: &gradients)
                values.append(result.objective)
            }
            mean += share * known
            for ((_, asked), value) in zip(objectives, values) where asked.isLoss { mean += value }
        }
        guard mean.isFinite, gradients.allSatisfy({ ($0.factors + $0.offset).allSatisfy(\.isFinite) }) else {
            throw InputError(
                .notFinite, "a loss that is NaN or infinite", in: "the edits that were learned",
                remedy: "lower --learning-rate")
        }
        return Result(loss: mean, gradients: gradients)
    }

    /// An item's prompt with the tokens that follow it.
    private func makeText(
        _ index: Int, _ following: [Int], _ edits: [Edit], _ objective: Objective, _ reads: [Read]
    ) throws -> GradientText {
        let prompt = items[index].prompt
        let past = try pasts.past(of: prompt)
        return GradientText(
            tokens: prompt.dropFirst(past?.count ?? 0) + following, after: past, promptCount: prompt.count,
            edits: edits,
            objective: objective, reads: reads)
    }

    /// The objectives of each item, and the summed loss of the items whose objectives don't give it.
    private func objectives(
        of chosen: [Int], _ edits: [Edit]
    ) throws -> (all: [(index: Int, asked: ItemObjective)], known: Double) {
        let several = chosen.filter { items[$0].needsLogProbabilities }
        let forward = try several.flatMap { index in
            try items[index].completions.map { completion in
                try makeText(index, completion.dropLast(), edits, .logProbability(ofCompletion: completion), [])
            }
        }
        var values = forward.isEmpty ? [] : try run.gradients(of: starts.added(to: forward, run)).map(\.objective)[...]
        var known = 0.0
        let all = chosen.flatMap { index -> [(Int, ItemObjective)] in
            let item = items[index]
            var logProbabilities: [Double] = []
            if item.needsLogProbabilities {
                logProbabilities = Array(values.prefix(item.completions.count))
                values = values.dropFirst(item.completions.count)
                known += loss.value(item.difference(logProbabilities), unedited: unedited[index]).loss
            }
            return item.objectives(loss, unedited: unedited[index], logProbabilities: logProbabilities)
                .map { (index, $0) }
        }
        return (all, known)
    }

    /// With z' = f ∘ z + b: d/db = Σ d/dz', d/df = Σ d/dz' ∘ z over the edited positions.
    private func add(_ result: GradientResult, _ heads: [Head], to gradients: inout [AffineGradient]) {
        for (place, head) in heads.enumerated() {
            guard let read = result[.z(head.layer)] else { continue }
            let start = head.index * headSize
            for row in 0..<read.gradients.rows {
                let (slopes, values) = (read.gradients.row(row), read.values.row(row))
                for i in 0..<headSize {
                    let slope = Double(slopes[slopes.startIndex + start + i])
                    gradients[place].offset[i] += slope
                    gradients[place].factors[i] += slope * Double(values[values.startIndex + start + i])
                }
            }
        }
    }
}
