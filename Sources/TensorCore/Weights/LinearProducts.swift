import CWeightKernels

/// Multiplies rows of activations by stored weights, on the workers of a pool.
///
/// Weights are read in their stored format by the SIMD kernels. A few rows of X share each weight as it is unpacked; for
/// many, a strip of W is unpacked once into scratch memory that the second-level cache holds. On the machine measured this
/// reached 80 to 90 % of the float32 peak, where sgemm reached less: distributions' OpenBLAS falls back to SSE kernels on
/// processors that are newer than it.
///
/// Each output is summed in an order that depends on the format, the number of inputs, the precision and the instruction
/// set alone. So the result has the same bits for any number of workers, and a row's result doesn't depend on the other rows.
public final class LinearProducts {
    /// The number of rows of X from which the kernels unpack strips.
    private static let manyRows = 32
    /// The most tasks a product is divided into for each worker where rows are few.
    private static let tasksPerWorker = 12

    public let precision: Precision
    private let pool: WorkerPool
    /// Unpacked strips, one for each worker.
    private let strips: [FloatBuffer]
    /// The inputs of a call's products as integers.
    private var rounded: [IntegerRows] = []

    /// - Parameter precision: see ``Precision``.
    public init(pool: WorkerPool, precision: Precision = .exact) {
        self.pool = pool
        self.precision = precision
        strips = (0..<pool.count).map { _ in FloatBuffer() }
    }

    /// How one product is divided and computed.
    private struct Part {
        var product: LinearProduct
        /// Rows of W that one task handles.
        var rowsOfTask: Int
        var tasks: Int
        var usesStrip: Bool
        /// The input as integers.
        var integers: headsteer_int8_vectors?
    }

    /// Computes all products, each for `rows` rows; 2 · rows · outputs · inputs floating-point operations each.
    public func run(_ products: [LinearProduct], rows: Int) {
        guard rows > 0 else { return }
        withUnsafeTemporaryAllocation(of: Part.self, capacity: products.count) { parts in
            var tasks = 0
            var roundedCount = 0
            for (index, product) in products.enumerated() {
                var integers: headsteer_int8_vectors?
                if precision == .fast, headsteer_has_int8(product.format) != 0 {
                    let sharesInput =
                        index > 0 && parts[index - 1].integers != nil
                        && products[index - 1].input == product.input && products[index - 1].inputs == product.inputs
                        && products[index - 1].inputStride == product.inputStride
                    if sharesInput {
                        integers = parts[index - 1].integers
                    } else {
                        integers = roundInput(product, rows: rows, place: roundedCount)
                        roundedCount += 1
                    }
                }
                let part = part(product, rows: rows, integers: integers)
                parts.initializeElement(at: index, to: part)
                tasks &+= part.tasks
            }
            pool.run(tasks) { task, worker in
                var task = task
                var index = 0
                while task >= parts[index].tasks {
                    task &-= parts[index].tasks
                    index &+= 1
                }
                compute(parts[index], task: task, rows: rows, strip: strips[worker].pointer)
            }
        }
    }

    private func roundInput(_ product: LinearProduct, rows: Int, place: Int) -> headsteer_int8_vectors {
        if place == rounded.count { rounded.append(IntegerRows()) }
        rounded[place].round(
            product.input, stride: product.inputStride, rows: rows, columns: product.inputs, pool: pool)
        return rounded[place].vectors
    }

    private func part(_ product: LinearProduct, rows: Int, integers: headsteer_int8_vectors?) -> Part {
        let usesStrip = integers == nil ? rows >= Self.manyRows : rows > 1
        var size: Int
        if usesStrip {
            size = integers == nil ? headsteer_strip(product.inputs) : headsteer_int8_strip(product.inputs)
            for strip in strips { strip.reserve(headsteer_scratch(product.inputs)) }
        } else {
            // A multiple of 16 rows, which the kernels take at once.
            size = product.outputs / (Self.tasksPerWorker &* pool.count)
            size = Swift.max((size &+ 15) & ~15, 16)
        }
        return Part(
            product: product, rowsOfTask: size, tasks: (product.outputs &+ size &- 1) / size, usesStrip: usesStrip,
            integers: integers)
    }

    private func compute(_ part: Part, task: Int, rows: Int, strip: UnsafeMutablePointer<Float>) {
        let product = part.product
        let first = task &* part.rowsOfTask
        let count = Swift.min(part.rowsOfTask, product.outputs &- first)
        let weights = product.weights + first &* product.bytesPerRow
        let output = product.output + first
        let scratch = part.usesStrip ? strip : nil
        if let integers = part.integers {
            headsteer_rows_dot_int8(
                product.format, weights, product.bytesPerRow, count, product.inputs, integers, rows, output,
                product.outputStride, scratch)
        } else {
            headsteer_rows_dot_batch(
                product.format, weights, product.bytesPerRow, count, product.inputs, product.input,
                product.inputStride, rows, output, product.outputStride, scratch)
        }
        if let bias = product.bias {
            for row in 0..<rows {
                Elementwise.add(bias + first, to: output + row &* product.outputStride, count: count)
            }
        }
    }
}
