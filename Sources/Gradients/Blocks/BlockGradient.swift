import TensorCore
import Transformer

/// The backward pass through one block: from the gradient of the residual stream after the block to the gradient before
/// it.
struct BlockGradient {
    let run: Run
    let rows: [PassRow]
    let segments: [PassSegment]
    /// For each text, the past that comes before it.
    let pasts: [GradientPast?]
    let record: SiteRecord
    let checkpoints: Checkpoints
    let gradients: GradientBuffers
    let transposed: TransposedProducts

    var model: LanguageModel { run.model }
    var c: ModelConfiguration { run.model.configuration }
    var buffers: PassBuffers { run.buffers }
    var operations: BlockOperations { run.operations }
    var count: Int { rows.count }

    /// Takes the gradient in `gradients.residual` back through a block.
    ///
    /// - Parameters:
    ///   - stopsAtZ: whether nothing before z is needed; the gradient of the stream is then left unfinished.
    ///   - isDropped: whether attention and MLP get no gradient.
    func takeBack(_ layer: Int, stopsAtZ: Bool, isDropped: Bool) {
        let residual = gradients.residual.pointer
        record.takeBack(.residualPost, layer, residual, stride: c.width, rows: rows)
        switch c.blocks[layer].residual {
        case .sequential:
            load(.residualMid, layer)
            mlp(layer, addedGradient(.mlpOut, layer, of: residual, isDropped: isDropped))
            record.takeBack(.residualMid, layer, residual, stride: c.width, rows: rows)
            let added = addedGradient(.attentionOut, layer, of: residual, isDropped: isDropped)
            load(.residualPre, layer)
            attention(layer, added, stopsAtZ: stopsAtZ)
        case .parallel:
            load(.residualPre, layer)
            // Both parts add to the same stream, and the second one needs the gradient as it was before the first.
            let after = gradients.after.reserve(count * c.width)
            after.update(from: residual, count: count * c.width)
            mlp(layer, addedGradient(.mlpOut, layer, of: after, isDropped: isDropped))
            let added = addedGradient(.attentionOut, layer, of: after, isDropped: isDropped)
            attention(layer, added, stopsAtZ: stopsAtZ)
        }
        if stopsAtZ { return }
        record.takeBack(.residualPre, layer, residual, stride: c.width, rows: rows)
    }

    /// Sets the residual stream to the values that the forward pass had at a checkpoint, including edits.
    private func load(_ kind: SiteKind, _ layer: Int) {
        guard let kept = checkpoints[kind, layer] else { return }
        buffers.residual.update(from: kept, count: count * c.width)
        record.edit(kind, layer, buffers.residual, stride: c.width, rows: rows)
    }

    /// The gradient of a part's last projection, from the gradient of the residual stream to which the part is added.
    private func addedGradient(
        _ kind: SiteKind, _ layer: Int, of residual: UnsafePointer<Float>, isDropped: Bool
    ) -> UnsafePointer<Float> {
        let gradient = gradients.projected.reserve(count * c.width)
        if isDropped {
            gradient.update(repeating: 0, count: count * c.width)
        } else {
            gradient.update(from: residual, count: count * c.width)
        }
        let width = c.width
        record.takeBack(kind, layer, gradient, stride: width, rows: rows)
        let multiplier = c.blocks[layer].residualMultiplier
        if multiplier != 1 {
            operations.forEachRow(count) { Elementwise.scale(gradient + $0 * width, by: multiplier, count: width) }
        }
        let weights = model.weights.layers[layer]
        let norm = kind == .mlpOut ? weights.mlpPostNorm : weights.attentionPostNorm
        if let norm, let before = checkpoints[kind, layer] {
            operations.forEachRow(count) { row in
                norm.takeBack(c.norm, before + row * width, gradient + row * width, count: width)
            }
        }
        return UnsafePointer(gradient)
    }

    /// Takes the gradient in `gradients.normalized` back through the norm at the start of a part, and adds it to the
    /// residual stream's gradient.
    func addToResidual(through norm: NormWeights?) {
        let width = c.width
        let gradient = gradients.normalized.pointer
        operations.forEachRow(count) { row in
            let own = gradient + row * width
            norm?.takeBack(c.norm, buffers.residual + row * width, own, count: width)
            Elementwise.add(own, to: gradients.residual.pointer + row * width, count: width)
        }
    }
}
