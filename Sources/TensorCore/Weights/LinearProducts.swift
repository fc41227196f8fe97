import CWeightKernels

/// Multiplies rows of activations by stored weights, on the workers of a pool.
///
/// Integer weights (all quantised formats of GGUF except TQ1_0, TQ2_0 and those with codebooks) are multiplied as
/// integers: the activations are rounded to planes of bytes, three in exact precision (24 bits) and one in fast
/// precision, and the sums within a group of 32 are exact. The kernels read packed weights (``WeightPacking``); weights
/// that haven't been packed are packed piece by piece, each time. All other weights are multiplied as float32.
///
/// The order in which an output is summed depends only on the format, the number of inputs, the precision and, for
/// products in float32, the instruction set. So the result has the same bits for any number of workers, whether the
/// weights are packed or not, and a row's result doesn't depend on the other rows.
public final class LinearProducts {
    /// The number of rows of X from which the kernels unpack float weights in strips.
    private static let manyRows = 32
    /// About how many tasks per worker a call's products are divided into if there are few rows: enough to even out
    /// workers that are held up, and few enough that handing them out costs nothing.
    private static let tasksPerWorker = 6
    /// The number of rows of X from which a task takes many rows of W, and the number of rows of W that is enough.
    private static let manyVectors = 5
    private static let manyOutputs = 384

    /// How products with integer weights are computed.
    public let precision: Precision
    private let pool: WorkerPool
    /// Unpacked strips, one per worker.
    private let strips: [FloatBuffer]
    /// Panels of weights that haven't been packed, one buffer per worker.
    private let panels: [FloatBuffer]
    /// For each address of weights, what was read after them the last time; every pass takes a model's weights in the
    /// same order.
    private var upcoming: [UnsafeRawPointer: UnsafeRawBufferPointer] = [:]
    private var latest: UnsafeRawPointer?
    /// The inputs of a call's products, as integers.
    private var rounded: [RoundedRows] = []

    /// - Parameter precision: see ``Precision``.
    public init(pool: WorkerPool, precision: Precision = .exact) {
        self.pool = pool
        self.precision = precision
        strips = (0..<pool.count).map { _ in FloatBuffer() }
        panels = (0..<pool.count).map { _ in FloatBuffer() }
    }

    /// How one product is divided and computed.
    private struct Part {
        var product: LinearProduct
        /// The number of rows of W that one task handles.
        var rowsOfTask: Int
        var tasks: Int
        /// The input as integers, for integer weights.
        var integers: headsteer_rounded?
    }

    /// Computes all products, each for `rows` rows; each takes 2 · rows · outputs · inputs floating-point operations.
    public func run(_ products: [LinearProduct], rows: Int) {
        guard rows > 0 else { return }
        pool.count(multiplications: products.reduce(0) { $0 &+ $1.outputs &* $1.inputs } &* rows)
        withUnsafeTemporaryAllocation(of: Part.self, capacity: products.count) { parts in
            var tasks = 0
            var roundedCount = 0
            let outputs = products.reduce(0) { $0 &+ $1.outputs }
            for (index, product) in products.enumerated() {
                var integers: headsteer_rounded?
                if product.bytesPerPanel > 0 {
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
                let part = part(product, rows: rows, integers: integers, outputs: outputs)
                parts.initializeElement(at: index, to: part)
                tasks &+= part.tasks
            }
            pool.run(tasks, upcoming: rows == 1 ? upcomingRead(parts[0]) : nil) { task, worker in
                var task = task
                var index = 0
                while task >= parts[index].tasks {
                    task &-= parts[index].tasks
                    index &+= 1
                }
                compute(parts[index], task: task, rows: rows, worker: worker)
            }
        }
    }

    /// What will be read after a call whose first product is this one, if known, without the part of the first task,
    /// which is the caller's.
    private func upcomingRead(_ part: Part) -> UnsafeRawBufferPointer? {
        guard let panels = part.product.panels else { return nil }
        if let latest, latest != panels {
            let rowsPerPanel = PackedWeights.rowsPerPanel
            let first = part.rowsOfTask / rowsPerPanel &* part.product.bytesPerPanel
            let all = (part.product.outputs &+ rowsPerPanel &- 1) / rowsPerPanel &* part.product.bytesPerPanel
            upcoming[latest] = UnsafeRawBufferPointer(start: panels + first, count: Swift.max(all &- first, 0))
        }
        latest = panels
        return upcoming[panels]
    }

    private func roundInput(_ product: LinearProduct, rows: Int, place: Int) -> headsteer_rounded {
        if place == rounded.count { rounded.append(RoundedRows()) }
        rounded[place].round(
            product.input, stride: product.inputStride, rows: rows, columns: product.inputs,
            planes: RoundedRows.planes(precision), pool: pool)
        return rounded[place].vectors
    }

    /// Divides a product into tasks, and makes room for what they need.
    ///
    /// - Parameter outputs: the outputs of all products of the call.
    private func part(_ product: LinearProduct, rows: Int, integers: headsteer_rounded?, outputs: Int) -> Part {
        var size: Int
        if integers != nil {
            let strip = headsteer_panels_strip(product.inputs)
            size = rows >= Self.manyVectors ? largeSize(outputs) : evenSize(outputs)
            if product.panels == nil {
                size = Swift.min(size, strip)
                let panelCount = size / PackedWeights.rowsPerPanel
                for panel in panels { panel.reserve(panelCount &* product.bytesPerPanel / 4) }
            }
            if rows >= Self.manyVectors {
                for strip in strips { strip.reserve(headsteer_panels_scratch(product.inputs) / 4) }
            }
        } else if rows >= Self.manyRows {
            size = headsteer_strip(product.inputs)
            for strip in strips { strip.reserve(headsteer_scratch(product.inputs)) }
        } else {
            size = evenSize(outputs)
        }
        return Part(
            product: product, rowsOfTask: size, tasks: (product.outputs &+ size &- 1) / size, integers: integers)
    }

    /// A multiple of the 16 rows that kernels take at once, chosen so that every worker has something to do.
    private func evenSize(_ outputs: Int) -> Int {
        let size = outputs / (Self.tasksPerWorker &* pool.count)
        return Swift.max((size &+ 15) & ~15, 16)
    }

    /// The rows that each worker takes in one turn, so that the kernel's preparation of many vectors serves as many
    /// rows as possible; there are several turns if each still has enough rows.
    private func largeSize(_ outputs: Int) -> Int {
        let turns = Swift.max(1, outputs / (Self.manyOutputs &* pool.count))
        let size = (outputs &+ turns &* pool.count &- 1) / (turns &* pool.count)
        return Swift.max((size &+ 31) & ~31, 32)
    }

    private func compute(_ part: Part, task: Int, rows: Int, worker: Int) {
        let product = part.product
        let first = task &* part.rowsOfTask
        let count = Swift.min(part.rowsOfTask, product.outputs &- first)
        let output = product.output + first
        let strip = strips[worker].pointer
        if let integers = part.integers {
            headsteer_panels_dot(
                product.format, panels(product, first: first, count: count, worker: worker), count, product.inputs,
                integers, rows, output, product.outputStride, strip)
        } else {
            headsteer_rows_dot_batch(
                product.format, product.weights + first &* product.bytesPerRow, product.bytesPerRow, count,
                product.inputs, product.input, product.inputStride, rows, output, product.outputStride,
                rows >= Self.manyRows ? strip : nil)
        }
        if let bias = product.bias {
            for row in 0..<rows {
                Elementwise.add(bias + first, to: output + row &* product.outputStride, count: count)
            }
        }
    }

    /// The panels of `count` rows: the packed ones if there are any, otherwise panels that are packed for this task.
    private func panels(_ product: LinearProduct, first: Int, count: Int, worker: Int) -> UnsafeRawPointer {
        if let packed = product.panels {
            return packed + first / PackedWeights.rowsPerPanel &* product.bytesPerPanel
        }
        let target = UnsafeMutableRawPointer(panels[worker].pointer)
        var row = 0
        while row < count {
            headsteer_pack(
                product.format, product.weights + (first &+ row) &* product.bytesPerRow, product.bytesPerRow,
                Swift.min(PackedWeights.rowsPerPanel, count &- row), product.inputs,
                target + row / PackedWeights.rowsPerPanel &* product.bytesPerPanel)
            row &+= PackedWeights.rowsPerPanel
        }
        return UnsafeRawPointer(target)
    }
}
