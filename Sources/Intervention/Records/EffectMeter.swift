import DataFiles
import TensorCore
import Transformer

/// Measures the effect of edits on the next token after a prompt.
///
/// It always uses the precision `exact`, because the integers of the other precision aren't the same on all processors.
package struct EffectMeter {
    private let model: LanguageModel
    private let workers: WorkerPool
    private let isCancelled: () -> Bool

    package init(
        _ model: LanguageModel, workers: WorkerPool, isCancelled: @escaping () -> Bool = { Task.isCancelled }
    ) {
        var model = model
        model.precision = .exact
        self.model = model
        self.workers = workers
        self.isCancelled = isCancelled
    }

    /// The effect on the tokens of two sides.
    ///
    /// - Throws: `InputError` if the prompt is too long or has a token that the model lacks, or if the edits make a
    ///   logit NaN or infinite; `CancellationError`.
    package func effect(
        of edits: [Edit], prompt: [Int], positive: [Int], negative: [Int]
    ) throws -> RecordedEffect {
        let (unedited, edited) = try logits(edits, prompt)
        let tokens = positive + negative
        return RecordedEffect(
            prompt: prompt, positive: positive, negative: negative, unedited: tokens.map { Double(unedited[$0]) },
            edited: tokens.map { Double(edited[$0]) })
    }

    /// The effect on the two tokens that the edits raise most and the two that they lower most.
    ///
    /// - Returns: nil for a vocabulary of fewer than four tokens.
    package func effect(of edits: [Edit], prompt: [Int]) throws -> RecordedEffect? {
        let (unedited, edited) = try logits(edits, prompt)
        guard unedited.count >= 4 else { return nil }
        let order = unedited.indices.sorted {
            let (a, b) = (edited[$0] - unedited[$0], edited[$1] - unedited[$1])
            return a != b ? a > b : $0 < $1
        }
        let (positive, negative) = (Array(order.prefix(2)), Array(order.suffix(2)))
        let tokens = positive + negative
        return RecordedEffect(
            prompt: prompt, positive: positive, negative: negative, unedited: tokens.map { Double(unedited[$0]) },
            edited: tokens.map { Double(edited[$0]) })
    }

    private func logits(_ edits: [Edit], _ prompt: [Int]) throws -> (unedited: [Float], edited: [Float]) {
        let run = Run(model, workers: workers)
        run.isCancelled = isCancelled
        run.sequences = [Int](0..<2).map { _ in model.makeSequence(promptCount: prompt.count) }
        let results = try run.advance([
            Step(sequence: 0, tokens: prompt), Step(sequence: 1, tokens: prompt, edits: edits),
        ])
        let rows = results.map { Array($0.logits.row(0)) }
        guard rows.allSatisfy({ $0.allSatisfy(\.isFinite) }) else {
            throw InputError(
                .notFinite, "edits so strong that logits become NaN or infinite", in: "the plan",
                remedy: "lower the strength")
        }
        return (rows[0], rows[1])
    }
}
