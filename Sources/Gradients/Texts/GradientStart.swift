import TensorCore
import Transformer

/// Where the pass over a text begins that leaves out the model's first blocks, as edits and reads of later ones let it.
package struct GradientStart: Sendable {
    /// The first block that is computed, 0 ..< L.
    package let layer: Int
    /// The unedited residual stream before that block, of the text's own tokens, [tokens, M].
    package let residual: Matrix
}

extension GradientRun {
    /// What unedited passes over some texts have before a block. Texts whose ``GradientText/start`` it becomes bring the same bits, for
    /// the price of the blocks from there on.
    ///
    /// - Parameter layer: 1 ..< L.
    /// - Throws: `InputError` where the model lacks a token; `CancellationError`.
    package func starts(of texts: [GradientText], before layer: Int) throws -> [GradientStart] {
        let run = Run(model, workers: workers)
        run.isCancelled = isCancelled
        run.sequences = texts.map { $0.past?.state ?? model.makeSequence(promptCount: $0.promptCount) }
        let steps = texts.enumerated().map { index, text in
            Step(
                sequence: index, tokens: text.tokens, reads: [Read(.residualPost(layer - 1), at: .all)], logits: nil)
        }
        return try run.advance(steps, stoppingAfter: layer).map {
            GradientStart(layer: layer, residual: $0.reads[0].values)
        }
    }
}
