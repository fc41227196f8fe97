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
/// Weights are read in their stored format by the SIMD kernels, whatever the number of rows: a tile of rows of W stays in
/// the first-level cache while all rows of X go past it, eight at a time. On the machines measured this reached most of
/// the float32 peak, where unpacking a panel and calling sgemm was slower: distributions' OpenBLAS falls back to
/// SSE kernels on processors that are newer than it.
///
/// Each output is summed in an order that depends on the format, the number of inputs and the instruction set alone. So
/// the result has the same bits for any number of workers, and a row's result doesn't depend on the other rows.
public final class LinearProducts {
    /// Rows of W that one task handles.
    private static let tile = 64

    private let pool: WorkerPool

    public init(pool: WorkerPool) { self.pool = pool }

    /// Computes all products, each for `rows` rows; 2 · rows · outputs · inputs floating-point operations each.
    public func run(_ products: [LinearProduct], rows: Int) {
        guard rows > 0 else { return }
        var tasks = 0
        for product in products { tasks &+= taskCount(product.layer.weights) }
        pool.run(tasks) { task, _ in
            var task = task
            for product in products {
                let count = taskCount(product.layer.weights)
                if task < count {
                    compute(product, task: task, rows: rows)
                    return
                }
                task &-= count
            }
        }
    }

    private func taskCount(_ weights: WeightMatrix) -> Int { (weights.rows &+ Self.tile &- 1) / Self.tile }

    private func compute(_ product: LinearProduct, task: Int, rows: Int) {
        let weights = product.layer.weights
        let first = task &* Self.tile
        let count = Swift.min(Self.tile, weights.rows &- first)
        let output = product.output + first
        headsteer_rows_dot_batch(
            Int32(weights.format.rawValue), weights.row(first), weights.bytesPerRow, count, weights.columns,
            product.input, product.inputStride, rows, output, product.outputStride)
        if let bias = product.layer.bias {
            bias.withUnsafeBufferPointer { bias in
                guard let values = bias.baseAddress else { return }
                for row in 0..<rows {
                    Elementwise.add(values + first, to: output + row &* product.outputStride, count: count)
                }
            }
        }
    }
}
