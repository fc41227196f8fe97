import TensorCore

/// The parts of a block that work on each row by itself. What mixes rows, attention, is in `Attention`.
struct BlockOperations {
    let model: LanguageModel
    let buffers: PassBuffers
    let pool: WorkerPool
    let products: LinearProducts
    /// Rows that one task handles; fixed, so that tasks don't depend on the number of workers.
    private static let rowsOfTask = 16

    private var c: ModelConfiguration { model.configuration }

    /// Runs `body` for each row, on the workers.
    func forEachRow(_ rows: Int, _ body: (Int) -> Void) {
        pool.run((rows + Self.rowsOfTask - 1) / Self.rowsOfTask) { task, _ in
            for row in (task * Self.rowsOfTask)..<min((task + 1) * Self.rowsOfTask, rows) { body(row) }
        }
    }

    /// The residual stream of each row becomes its token's embedding.
    func embed(_ rows: [PassRow]) {
        forEachRow(rows.count) { row in
            model.weights.embedding.unpack(row: rows[row].token, into: buffers.residual + row * c.width)
        }
    }

    /// Cosines and sines of the rows' positions.
    func prepareRotation(_ rows: [PassRow]) {
        let half = c.headSize / 2
        forEachRow(rows.count) { row in
            model.rotary.fill(
                position: rows[row].position, cosines: buffers.cosines + row * half, sines: buffers.sines + row * half)
        }
    }

    /// The residual stream, normed and weighted, goes into `normalized`.
    func norm(_ weight: [Float], rows: Int) {
        weight.withUnsafeBufferPointer { weight in
            guard let weight = weight.baseAddress else { return }
            forEachRow(rows) { row in
                Elementwise.rmsNorm(
                    buffers.residual + row * c.width, weight: weight, epsilon: c.normEpsilon,
                    into: buffers.normalized + row * c.width, count: c.width)
            }
        }
    }

    /// Queries, keys and values from `normalized`, in Hugging Face's order of a head's values.
    func projectQueriesKeysValues(_ layer: ModelWeights.Layer, rows: Int) {
        products.run(
            [
                LinearProduct(layer.query, buffers.normalized, into: buffers.query),
                LinearProduct(layer.key, buffers.normalized, into: buffers.key),
                LinearProduct(layer.value, buffers.normalized, into: buffers.value),
            ], rows: rows)
        guard model.weights.interleavedRotation else { return }
        forEachRow(rows) { row in
            withUnsafeTemporaryAllocation(of: Float.self, capacity: c.headSize) { scratch in
                guard let scratch = scratch.baseAddress else { return }
                for head in 0..<c.heads {
                    Self.separatePairs(
                        buffers.query + (row * c.heads + head) * c.headSize, half: c.headSize / 2, scratch)
                }
                for head in 0..<c.kvHeads {
                    Self.separatePairs(
                        buffers.key + (row * c.kvHeads + head) * c.headSize, half: c.headSize / 2, scratch)
                }
            }
        }
    }

    /// Rotates queries and keys by their positions.
    func rotate(rows: Int) {
        let half = c.headSize / 2
        forEachRow(rows) { row in
            let cosines = buffers.cosines + row * half
            let sines = buffers.sines + row * half
            for head in 0..<c.heads {
                RotaryEmbedding.rotate(
                    buffers.query + (row * c.heads + head) * c.headSize, cosines: cosines, sines: sines, half: half)
            }
            for head in 0..<c.kvHeads {
                RotaryEmbedding.rotate(
                    buffers.key + (row * c.kvHeads + head) * c.headSize, cosines: cosines, sines: sines, half: half)
            }
        }
    }

    /// What attention adds, from z.
    func projectOutput(_ layer: ModelWeights.Layer, rows: Int) {
        products.run([LinearProduct(layer.output, buffers.z, into: buffers.projected)], rows: rows)
    }

    /// Adds `projected` to the residual stream.
    func addToResidual(rows: Int) {
        forEachRow(rows) { row in
            Elementwise.add(
                buffers.projected + row * c.width, to: buffers.residual + row * c.width, count: c.width)
        }
    }

    /// The MLP's two branches from `normalized`.
    func projectGateAndUp(_ layer: ModelWeights.Layer, rows: Int) {
        products.run(
            [
                LinearProduct(layer.gate, buffers.normalized, into: buffers.gate),
                LinearProduct(layer.up, buffers.normalized, into: buffers.up),
            ], rows: rows)
    }

    /// silu(gate) · up, into `gate`.
    func activate(rows: Int) {
        forEachRow(rows) { row in
            let gate = buffers.gate + row * c.feedForward
            Elementwise.gate(gate, buffers.up + row * c.feedForward, into: gate, count: c.feedForward)
        }
    }

    /// What the MLP adds, from `gate`.
    func projectDown(_ layer: ModelWeights.Layer, rows: Int) {
        products.run([LinearProduct(layer.down, buffers.gate, into: buffers.projected)], rows: rows)
    }

    /// (a₀, b₀, a₁, b₁, …) → (a₀, a₁, …, b₀, b₁, …): from the order of interleaved rotation to that of rotated halves.
    @inline(__always)
    private static func separatePairs(
        _ x: UnsafeMutablePointer<Float>, half: Int, _ scratch: UnsafeMutablePointer<Float>
    ) {
        for i in 0..<half {
            scratch[i] = x[2 &* i]
            scratch[half &+ i] = x[2 &* i &+ 1]
        }
        x.update(from: scratch, count: 2 &* half)
    }
}
