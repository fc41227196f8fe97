import TensorCore
import Tokenization
import Transformer

/// The unedited model's logits after every token of neutral texts, to which edits are held while they are learned.
///
/// P = 1, as in the measurement of side effects: each text's first token counts as its prompt. Memory: 4 · positions ·
/// V bytes.
struct NeutralLogits {
    /// Each text's tokens except the last, which isn't an input.
    let texts: [[Int]]
    /// The logits after each of them, [positions, V].
    let logits: [Matrix]

    /// - Parameter ids: each text's tokens, at least two.
    /// - Throws: `CancellationError`.
    init(_ ids: [[Int]], model: LanguageModel, workers: WorkerPool, isCancelled: @escaping () -> Bool) throws {
        texts = ids.map { Array($0.dropLast()) }
        let run = Run(model, workers: workers)
        run.isCancelled = isCancelled
        logits = try texts.map { tokens in
            run.sequences = [model.makeSequence(promptCount: 1)]
            return try run.advance([Step(tokens: tokens, logits: .all)])[0].logits
        }
    }
}
