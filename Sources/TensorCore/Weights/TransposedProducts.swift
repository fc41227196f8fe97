import CWeightKernels
import DataFiles

/// Multiplies rows by transposed stored weights, to take a gradient from a layer's outputs to its inputs: dX = dY·W.
///
/// Rows of W are unpacked to float32 in strips of 128, once for a few hundred rows of dY, and are added up strip by
/// strip, with fused multiplications if the processor has them. The order of sums depends only on W's size and the
/// instruction set. So a row's result has the same bits for any number of workers, whatever the other rows are.
public final class TransposedProducts {
    /// The number of columns of W that one task handles, unless blocks of its format are larger.
    private static let columnsOfTask = 128
    /// The number of rows of dY that one task handles.
    private static let rowsOfTask = 256

    /// A layer, and the gradient of its outputs.
    public struct Term {
        let weights: WeightMatrix
        let gradient: FloatRows

        /// - Parameters:
        ///   - layer: y = W·x + b, W [outputs, inputs].
        ///   - gradient: dY, [rows, outputs], row after row.
        public init(_ layer: LinearLayer, gradient: UnsafePointer<Float>) {
            weights = layer.weights
            self.gradient = FloatRows(gradient, stride: layer.weights.rows)
        }
    }

    private let pool: WorkerPool
    /// Unpacked strips, one per worker.
    private let strips: [FloatBuffer]

    /// Products on the workers of a pool; they keep some scratch memory for each worker.
    public init(pool: WorkerPool) {
        self.pool = pool
        strips = (0..<pool.count).map { _ in FloatBuffer() }
    }

    /// dX ← dX + Σ dY·W over layers that read the same inputs; each takes 2 · rows · outputs · inputs floating-point
    /// operations.
    ///
    /// Strips of W whose gradients are all zero are skipped, such as those of tokens whose logits nothing reads.
    ///
    /// - Parameter output: dX, [rows, inputs], row after row.
    /// - Precondition: all layers have the same number of inputs.
    public func add(_ terms: [Term], to output: UnsafeMutablePointer<Float>, rows: Int) {
        guard rows > 0, let columns = terms.first?.weights.columns else { return }
        precondition(
            terms.allSatisfy { $0.weights.columns == columns },
            "Gradients of layers of different inputs can't be added.")
        let width = terms.reduce(Self.columnsOfTask) { Swift.max($0, $1.weights.format.weightsPerBlock) }
        for strip in strips { strip.reserve(headsteer_transposed_scratch(width)) }
        let columnTasks = (columns + width - 1) / width
        let rowTasks = (rows + Self.rowsOfTask - 1) / Self.rowsOfTask
        pool.run(columnTasks * rowTasks) { task, worker in
            let firstColumn = task % columnTasks * width
            let firstRow = task / columnTasks * Self.rowsOfTask
            let columnCount = Swift.min(width, columns - firstColumn)
            let rowCount = Swift.min(Self.rowsOfTask, rows - firstRow)
            for term in terms {
                let weights = term.weights
                headsteer_rows_add_transposed(
                    Int32(weights.format.rawValue),
                    weights.row(0) + firstColumn / weights.format.weightsPerBlock * weights.format.bytesPerBlock,
                    weights.bytesPerRow, weights.rows, columnCount,
                    term.gradient.start + firstRow * term.gradient.stride, term.gradient.stride, rowCount,
                    output + firstRow * columns + firstColumn, columns, strips[worker].pointer)
            }
        }
    }
}
