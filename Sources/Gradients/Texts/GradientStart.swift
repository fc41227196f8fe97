import TensorCore
import Transformer

/// The point where a pass over a text begins if it skips the model's first blocks; no edit or read may be in these
/// blocks.
package struct GradientStart: Sendable {
    /// The first block that is computed, 0 ..< L.
    package let layer: Int
    /// The unedited residual stream before that block, for the text's own tokens, [tokens, M].
    package let residual: Matrix

    package init(layer: Int, residual: Matrix) {
        self.layer = layer
        self.residual = residual
    }
}

extension GradientRun {
    /// The residual streams of unedited passes over some texts, before a block.
    ///
    /// With these as their ``GradientText/start``, the texts give the same bits, for the cost of only the blocks from
    /// there on.
    ///
    /// - Parameter layer: 1 ..< L.
    /// - Throws: `InputError` if the model lacks a token; `CancellationError`.
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
