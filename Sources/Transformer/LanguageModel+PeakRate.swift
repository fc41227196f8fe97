import TensorCore

extension LanguageModel {
    /// The most multiplications per second, each with an addition, that products of the first block's weights with many
    /// rows reach.
    ///
    /// It is measured for about a third of a second, and the time of any work can be compared with it. A busy machine
    /// gives a lower rate.
    ///
    /// - Returns: nil for a model whose first MLP is a mixture of experts.
    public func measuredPeakRate(workers: WorkerPool) -> Double? {
        guard let block = weights.layers.first, case .dense(let mlp) = block.mlp else { return nil }
        // Few rows stay in the caches with their results, and many rows share the work on a panel: either may be
        // faster.
        let rowCounts = [64, 512]
        let layers = [mlp.gate, mlp.up, mlp.down, block.query, block.output].compactMap(\.self)
        let widest = layers.map { max($0.weights.rows, $0.weights.columns) }.max() ?? 0
        // Values of all sizes that activations have; the kernels' time doesn't depend on them.
        let input = (0..<rowCounts[1] * widest).map { Float(($0 &* 7919) % 2001 - 1000) / 500 }
        var output = [Float](repeating: 0, count: rowCounts[1] * widest)
        let products = LinearProducts(pool: workers, precision: precision)
        let clock = ContinuousClock()
        let start = clock.now
        var best = 0.0
        var round = 0
        while clock.now - start < .milliseconds(300) {
            let rows = rowCounts[round % rowCounts.count]
            round += 1
            let before = (clock.now, workers.multiplications)
            input.withUnsafeBufferPointer { input in
                output.withUnsafeMutableBufferPointer { output in
                    guard let input = input.baseAddress, let output = output.baseAddress else { return }
                    for layer in layers { products.run([LinearProduct(layer, input, into: output)], rows: rows) }
                }
            }
            let seconds = (clock.now - before.0) / .seconds(1)
            best = max(best, Double(workers.multiplications - before.1) / seconds)
        }
        return best
    }
}
