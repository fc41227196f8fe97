import TensorCore

/// Where a pass begins that leaves out its first blocks, as edits of later ones let it.
package struct ResidualStart {
    /// The first block that is computed, 0 ..< L.
    package let layer: Int
    /// The residual stream before that block, `residualPre`, of each step, [tokens, M].
    package let residual: [Matrix]

    package init(layer: Int, residual: [Matrix]) {
        self.layer = layer
        self.residual = residual
    }

    func copy(step: Int, row: Int, to target: UnsafeMutablePointer<Float>) {
        residual[step].row(row).withUnsafeBufferPointer { values in
            guard let values = values.baseAddress else { return }
            target.update(from: values, count: residual[step].columns)
        }
    }
}

extension Collection<Edit> {
    /// The block from which on a pass under these edits isn't the unedited one, L − 1 at most.
    package func firstLayer(of layers: Int) -> Int {
        // Layers that the model doesn't have are the pass's to refuse.
        Swift.max(0, Swift.min(map { $0.firstLayer(of: layers) }.min() ?? layers, layers - 1))
    }

    /// The last block before which a pass under these edits reads the unedited residual stream: reads come after edits.
    package func lastUneditedRead(of layers: Int) -> Int {
        let first = firstLayer(of: layers)
        return contains { $0.site == .residualPre(first) } ? first - 1 : first
    }
}

extension Edit {
    /// The first block that the edit or its gate looks at, or L where it concerns what comes after all blocks: a pass is the unedited one
    /// before it. L also for an edit that changes nothing.
    package func firstLayer(of layers: Int) -> Int {
        if isIdentity { return layers }
        return min(site.layer ?? layers, gate?.site.layer ?? layers)
    }
}
