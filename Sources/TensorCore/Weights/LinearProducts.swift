import CWeightKernels

/// One product of a pass: Y = X·Wᵀ + b for a number of rows.
public struct LinearProduct {
    let layer: LinearLayer
    let input: UnsafePointer<Float>
    let inputStride: Int
    let output: UnsafeMutablePointer<Float>
    let outputStride: Int

    /// - Parameters:
    ///   - input: X, [rows, inputs], rows `inputStride` apart; by default packed.
    ///   - output: Y, [rows, outputs], rows `outputStride` apart; by default packed. It is overwritten.
    public init(
        _ layer: LinearLayer, _ input: UnsafePointer<Float>, stride inputStride: Int? = nil,
        into output: UnsafeMutablePointer<Float>, stride outputStride: Int? = nil
    ) {
        self.layer = layer
        self.input = input
        self.inputStride = inputStride ?? layer.weights.columns
        self.output = output
        self.outputStride = outputStride ?? layer.weights.rows
    }
}

/// Multiplies rows of activations by stored weights, on the workers of a pool.
///
/// Up to ``kernelRows`` rows go through the kernels that read the stored format; more rows go through sgemm, for which
/// a panel of weights is unpacked that stays in the processor's cache. Which of the two, and the extent of each
/// task, depend on the shapes alone: the result has the same bits for any number of workers.
public final class LinearProducts {
    /// The largest number of rows for which the weights are read in their stored format.
    public static let kernelRows = 8

    private let pool: WorkerPool
    private let panels: [FloatBuffer]

    public init(pool: WorkerPool) {
        self.pool = pool
        self.panels = (0..<pool.count).map { _ in FloatBuffer() }
    }

    /// Computes all products, each for `rows` rows; 2 · rows · outputs · inputs floating-point operations each.
    public func run(_ products: [LinearProduct], rows: Int) {
        guard rows > 0 else { return }
        var tasks = 0
        for product in products { tasks &+= taskCount(product.layer.weights, rows: rows) }
        pool.run(tasks) { task, worker in
            var task = task
            for product in products {
                let count = taskCount(product.layer.weights, rows: rows)
                if task < count {
                    compute(product, task: task, rows: rows, panel: panels[worker])
                    return
                }
                task &-= count
            }
        }
    }

    private func tileRows(_ weights: WeightMatrix, rows: Int) -> Int {
        if rows <= Self.kernelRows { return 64 }
        // A panel of at most 1 MB, so that it stays in the second-level cache of today's processors.
        return Swift.min(96, Swift.max(16, (1 << 18) / weights.columns / 16 * 16))
    }

    private func taskCount(_ weights: WeightMatrix, rows: Int) -> Int {
        let tile = tileRows(weights, rows: rows)
        return (weights.rows &+ tile &- 1) / tile
    }

    private func compute(_ product: LinearProduct, task: Int, rows: Int, panel: FloatBuffer) {
        let weights = product.layer.weights
        let tile = tileRows(weights, rows: rows)
        let first = task &* tile
        let range = first..<Swift.min(first &+ tile, weights.rows)
        let output = product.output + first
        if rows <= Self.kernelRows {
            headsteer_rows_dot_batch(
                Int32(weights.format.rawValue), weights.row(first), weights.bytesPerRow, range.count,
                weights.columns, product.input, product.inputStride, rows, output, product.outputStride)
        } else {
            let unpacked = panel.reserve(tile &* weights.columns)
            weights.unpack(rows: range, into: unpacked)
            BLAS.multiplyTransposed(
                m: rows, n: range.count, k: weights.columns, product.input, strideA: product.inputStride, unpacked,
                strideB: weights.columns, into: output, strideC: product.outputStride)
        }
        if let bias = product.layer.bias {
            bias.withUnsafeBufferPointer { bias in
                guard let values = bias.baseAddress else { return }
                for row in 0..<rows {
                    Elementwise.add(values + first, to: output + row &* product.outputStride, count: range.count)
                }
            }
        }
    }
}
