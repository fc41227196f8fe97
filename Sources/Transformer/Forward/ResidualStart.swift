import TensorCore

/// The point where a pass begins if it skips the first blocks; no edit, gate or read may be in these blocks.
package struct ResidualStart {
    /// The first block that is computed, 0 ..< L.
    package let layer: Int
    /// The residual stream before that block, `residualPre`, for each step, [tokens, M].
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
    /// The first block at which a pass under these edits may differ from the unedited one, L − 1 at most.
    package func firstLayer(of layers: Int) -> Int {
        // It is the pass that refuses layers that the model doesn't have.
        Swift.max(0, Swift.min(map { $0.firstLayer(of: layers) }.min() ?? layers, layers - 1))
    }

    /// The last block before which a pass under these edits still reads the unedited residual stream; reads come after
    /// edits.
    package func lastUneditedRead(of layers: Int) -> Int {
        let first = firstLayer(of: layers)
        return contains { $0.site == .residualPre(first) } ? first - 1 : first
    }
}

extension Edit {
    /// The first block that the edit or its gate looks at; before it, a pass is the same as the unedited one.
    ///
    /// It is L if the edit applies to what comes after all blocks, or changes nothing.
    package func firstLayer(of layers: Int) -> Int {
        if isIdentity { return layers }
        return min(site.layer ?? layers, gate?.site.layer ?? layers)
    }
}
