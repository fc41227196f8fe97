import DataFiles
import TensorCore

/// Where a model keeps its weights.
public enum WeightPlacement: Sendable, CaseIterable {
    /// ``packed`` if the system has enough memory for it in addition to its other needs, otherwise ``mapped``.
    case automatic
    /// A copy in the order in which the kernels read the weights; the file's pages are dropped from memory.
    ///
    /// Packing takes about 0.1 s for 100 MB, and makes decoding 2 to 3 times as fast.
    case packed
    /// In the file, mapped into memory: for models larger than memory, and for programs that read weights but compute
    /// little.
    case mapped
}

extension ModelWeights {
    /// The weights in the requested placement.
    ///
    /// - Returns: the weights, and whether they have been packed.
    func placed(_ placement: WeightPlacement, threads: Int) -> (weights: ModelWeights, isPacked: Bool) {
        if placement == .mapped { return (self, false) }
        var packing = WeightPacking()
        _ = mapLayers { layer in
            _ = packing.add(layer)
            return layer
        }
        // One eighth more, because runs need memory too.
        if placement == .automatic, let available = SystemMemory.available,
            packing.byteCount + packing.byteCount / 8 > available
        {
            return (self, false)
        }
        guard packing.byteCount > 0, let memory = PackedMemory(bytes: packing.byteCount) else { return (self, false) }
        packing.run(into: memory, threads: threads)
        var next = 0
        let weights = mapLayers { _ in
            next += 1
            return packing.layer(next - 1)
        }
        return (weights, true)
    }

    /// The same weights with other linear layers, which `transform` makes in a fixed order.
    private func mapLayers(_ transform: (LinearLayer) -> LinearLayer) -> ModelWeights {
        ModelWeights(
            embedding: embedding, positions: positions, layers: layers.map { $0.mapLayers(transform) },
            finalNorm: finalNorm, unembedding: transform(unembedding), interleavedRotation: interleavedRotation)
    }
}

extension BlockWeights {
    fileprivate func mapLayers(_ transform: (LinearLayer) -> LinearLayer) -> BlockWeights {
        BlockWeights(
            attentionNorm: attentionNorm, query: transform(query), key: transform(key), value: transform(value),
            queryNorm: queryNorm, keyNorm: keyNorm, sinks: sinks, output: transform(output),
            attentionPostNorm: attentionPostNorm, mlpNorm: mlpNorm, mlp: mlp.mapLayers(transform),
            mlpPostNorm: mlpPostNorm)
    }
}

extension MLPWeights {
    fileprivate func mapLayers(_ transform: (LinearLayer) -> LinearLayer) -> MLPWeights {
        switch self {
        case .dense(let dense):
            .dense(
                DenseMLPWeights(gate: dense.gate.map(transform), up: transform(dense.up), down: transform(dense.down)))
        case .experts(let experts):
            .experts(
                ExpertWeights(
                    router: transform(experts.router), gate: experts.gate.map(transform), up: experts.up.map(transform),
                    down: experts.down.map(transform)))
        }
    }
}
