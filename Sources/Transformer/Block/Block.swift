import TensorCore

/// A pass over some rows as a block sees it: the operation that mixes rows, and the work at the sites.
package protocol BlockPass {
    /// The current number of rows; ``visit(_:_:_:stride:)`` of z may add some.
    var rowCount: Int { get }
    /// Computes z of all rows from their rotated queries, rotated keys and values.
    mutating func attend(layer: Int, rule: AttentionRule)
    /// Does the pass's work on a site's values, with rows `stride` apart.
    mutating func visit(_ kind: SiteKind, _ layer: Int, _ values: UnsafeMutablePointer<Float>, stride: Int)
    /// Sees a projection's output for `attentionOut` or `mlpOut`, [rows, M], before the norm and the multiplier that
    /// may follow.
    mutating func willFinish(_ kind: SiteKind, _ layer: Int, _ values: UnsafePointer<Float>)
}

extension BlockPass {
    package mutating func willFinish(_ kind: SiteKind, _ layer: Int, _ values: UnsafePointer<Float>) {}
}

/// One block: a sequence of operations with its sites, the same for every pass.
///
/// ``BlockDescription/sites`` gives the order of its sites, derived from the same description.
package struct Block {
    let model: LanguageModel
    package let operations: BlockOperations

    private var buffers: PassBuffers { operations.buffers }

    /// Takes a pass's rows through a block.
    package func run(_ layer: Int, _ pass: inout some BlockPass) {
        let c = model.configuration
        let description = c.blocks[layer]
        let weights = model.weights.layers[layer]
        pass.visit(.residualPre, layer, buffers.residual, stride: c.width)
        attention(layer, description, weights, &pass)
        switch description.residual {
        case .sequential:
            pass.visit(.attentionOut, layer, buffers.projected, stride: c.width)
            operations.addToResidual(buffers.projected, rows: pass.rowCount)
            pass.visit(.residualMid, layer, buffers.residual, stride: c.width)
            mlp(layer, description, weights, into: buffers.projected, &pass)
            pass.visit(.mlpOut, layer, buffers.projected, stride: c.width)
            operations.addToResidual(buffers.projected, rows: pass.rowCount)
        case .parallel:
            pass.visit(.attentionOut, layer, buffers.projected, stride: c.width)
            let beside = buffers.reserveProjectedMLP(pass.rowCount * c.width)
            mlp(layer, description, weights, into: beside, &pass)
            pass.visit(.mlpOut, layer, beside, stride: c.width)
            operations.addToResidual(buffers.projected, rows: pass.rowCount)
            operations.addToResidual(beside, rows: pass.rowCount)
        }
        pass.visit(.residualPost, layer, buffers.residual, stride: c.width)
    }

    /// Computes what the attention adds, into `projected`.
    private func attention(
        _ layer: Int, _ description: BlockDescription, _ weights: BlockWeights, _ pass: inout some BlockPass
    ) {
        let c = model.configuration
        queriesKeysValues(layer, &pass)
        pass.attend(layer: layer, rule: AttentionRule(description.attention, weights))
        pass.visit(.z, layer, buffers.z, stride: c.heads * c.headSize)
        operations.projectOutput(weights, rows: pass.rowCount)
        pass.willFinish(.attentionOut, layer, buffers.projected)
        operations.finish(
            buffers.projected, norm: weights.attentionPostNorm, multiplier: description.residualMultiplier,
            rows: pass.rowCount)
    }

    /// Computes queries, keys and values as attention takes them, from the residual stream.
    package func queriesKeysValues(_ layer: Int, _ pass: inout some BlockPass) {
        let c = model.configuration
        let description = c.blocks[layer]
        let weights = model.weights.layers[layer]
        let count = pass.rowCount
        let input = operations.normed(weights.attentionNorm, into: buffers.normalized, rows: count)
        operations.projectQueriesKeysValues(weights, from: input, rows: count)
        pass.visit(.query, layer, buffers.query, stride: c.heads * c.headSize)
        pass.visit(.key, layer, buffers.key, stride: c.kvHeads * c.headSize)
        pass.visit(.value, layer, buffers.value, stride: c.kvHeads * c.headSize)
        operations.normQueriesKeys(description.attention.queryKeyNorm, weights, rows: count)
        if let clip = description.attention.clip { operations.clipQueriesKeysValues(at: clip, rows: count) }
        if let rotary = model.rotaryOfLayer[layer] {
            operations.rotate(rotary, rows: count)
            pass.visit(.rotatedQuery, layer, buffers.query, stride: c.heads * c.headSize)
            pass.visit(.rotatedKey, layer, buffers.key, stride: c.kvHeads * c.headSize)
        }
    }

    /// Computes what the MLP adds, into `output`.
    private func mlp(
        _ layer: Int, _ description: BlockDescription, _ weights: BlockWeights,
        into output: UnsafeMutablePointer<Float>, _ pass: inout some BlockPass
    ) {
        let c = model.configuration
        let count = pass.rowCount
        let isBesideAttention = description.residual == .parallel && weights.mlpNorm == nil
        let input =
            isBesideAttention && weights.attentionNorm != nil
            ? UnsafePointer(buffers.normalized)
            : operations.normed(weights.mlpNorm, into: buffers.normalized, rows: count)
        switch weights.mlp {
        case .dense(let mlp):
            branches(layer, mlp, from: input, &pass)
            operations.activate(description.mlp, rows: count)
            pass.visit(.mlpPost, layer, buffers.gate, stride: c.feedForward)
            operations.projectDown(mlp, into: output, rows: count)
        case .experts(let experts):
            guard case .experts(let choice) = description.mlp else { return }
            operations.mixExperts(experts, choice, from: input, into: output, rows: count)
        }
        pass.willFinish(.mlpOut, layer, output)
        operations.finish(
            output, norm: weights.mlpPostNorm, multiplier: description.residualMultiplier, rows: pass.rowCount)
    }

    /// Computes the branches of a dense MLP before the activation.
    package func branches(
        _ layer: Int, _ mlp: DenseMLPWeights, from input: UnsafePointer<Float>, _ pass: inout some BlockPass
    ) {
        let width = model.configuration.feedForward
        operations.projectGateAndUp(mlp, from: input, rows: pass.rowCount)
        pass.visit(.mlpPre, layer, mlp.gate == nil ? buffers.up : buffers.gate, stride: width)
        if mlp.gate != nil { pass.visit(.mlpPreLinear, layer, buffers.up, stride: width) }
    }
}
