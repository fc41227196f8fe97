import TensorCore
import Transformer

extension BlockGradient {
    /// Takes the gradient of the down projection's result back through the MLP, and adds it to the residual stream's
    /// gradient.
    func mlp(_ layer: Int, _ output: UnsafePointer<Float>) {
        let description = c.blocks[layer]
        let weights = model.weights.layers[layer]
        let norm = weights.mlpNorm ?? (description.residual == .parallel ? weights.attentionNorm : nil)
        let input = operations.normed(norm, into: buffers.normalized, rows: count)
        switch weights.mlp {
        case .dense(let mlp): dense(layer, description.mlp, mlp, from: input, output)
        case .experts(let experts):
            guard case .experts(let choice) = description.mlp else { return }
            self.experts(experts, choice, from: input, output)
        }
        addToResidual(through: norm)
    }

    /// Leaves the gradient of the MLP's input in `gradients.normalized`.
    private func dense(
        _ layer: Int, _ description: MLPDescription, _ mlp: DenseMLPWeights, from input: UnsafePointer<Float>,
        _ output: UnsafePointer<Float>
    ) {
        let width = c.feedForward
        var recomputed = RecomputedPass(rows: rows, record: record, before: [:])
        run.block.branches(layer, mlp, from: input, &recomputed)
        let post = gradients.mlpPost.reserveZeros(count * width)
        transposed.add([.init(mlp.down, gradient: output)], to: post, rows: count)
        record.takeBack(.mlpPost, layer, post, stride: width, rows: rows)
        // The branches' values are replaced by their gradients.
        let (gate, up) = (mlp.gate == nil ? buffers.up : buffers.gate, mlp.gate == nil ? nil : buffers.up)
        operations.forEachRow(count) { row in
            withUnsafeTemporaryAllocation(of: Float.self, capacity: width) { scratch in
                guard let scratch = scratch.baseAddress else { return }
                switch description {
                case .gated(let activation), .plain(let activation):
                    activation.takeBack(
                        post + row * width, gate + row * width, up.map { $0 + row * width }, scratch: scratch,
                        count: width)
                case .experts: break
                }
            }
        }
        if let up { record.takeBack(.mlpPreLinear, layer, up, stride: width, rows: rows) }
        record.takeBack(.mlpPre, layer, gate, stride: width, rows: rows)
        let normalized = gradients.normalized.reserveZeros(count * c.width)
        var terms = [TransposedProducts.Term(mlp.up, gradient: buffers.up)]
        if let own = mlp.gate { terms.append(.init(own, gradient: buffers.gate)) }
        transposed.add(terms, to: normalized, rows: count)
    }
}
