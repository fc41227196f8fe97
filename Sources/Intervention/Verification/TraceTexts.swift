import TensorCore
import Transformer

extension EditTrace.Text {
    /// The number of tokens that follow a prompt one by one, enough to distinguish the first of them from the others.
    private static let followingCount = 3
    /// The maximum length to which a prompt is extended.
    private static let longest = 256

    /// Makes texts in which position rules have an effect.
    ///
    /// Each prompt gets the tokens that rules select and is extended as far as ranges reach. The tokens that the model
    /// itself writes after the prompt follow.
    static func texts(
        _ prompts: [[Int]], rules: [PositionRule], model: LanguageModel, workers: WorkerPool,
        isCancelled: @escaping () -> Bool
    ) throws -> [EditTrace.Text] {
        let context = model.configuration.context
        let run = Run(model, workers: workers)
        run.isCancelled = isCancelled
        return try prompts.map { prompt in
            var tokens = prompt
            for case .tokens(let wanted) in rules where !tokens.contains(where: wanted.contains) {
                tokens.insert(wanted.min() ?? 0, at: tokens.count / 2)
            }
            let reach =
                rules.map { rule -> Int in
                    guard case .range(let from, let to) = rule else { return 0 }
                    // A bound that no text reaches doesn't make texts longer.
                    return [from, to].map { Int($0.magnitude > UInt(longest) ? 0 : $0.magnitude) + 1 }.max() ?? 0
                }.max() ?? 0
            let length = min(reach, context - followingCount)
            while tokens.count < length { tokens.append(tokens[tokens.count - prompt.count]) }
            tokens = Array(tokens.prefix(max(1, context - followingCount)))

            run.sequences = [model.makeSequence(promptCount: tokens.count)]
            var following: [Int] = []
            var step = tokens
            while following.count < min(followingCount, context - tokens.count) {
                let logits = try run.advance([Step(tokens: step)])[0].logits
                let row = logits.row(logits.rows - 1)
                let best = row.indices.max { row[$0] < row[$1] } ?? row.startIndex
                following.append(best - row.startIndex)
                step = [best - row.startIndex]
            }
            return EditTrace.Text(prompt: tokens, following: following)
        }
    }
}
