import TensorCore

/// The operations of a block that treat each row by itself; attention, which mixes rows, is in `Attention`.
package struct BlockOperations {
    let model: LanguageModel
    let buffers: PassBuffers
    let pool: WorkerPool
    package let products: LinearProducts
    /// The number of rows that one task handles; it is fixed, so that tasks don't depend on the number of workers.
    private static let rowsOfTask = 16

    private var c: ModelConfiguration { model.configuration }

    /// Runs `body` for each row, on the workers.
    package func forEachRow(_ rows: Int, _ body: (Int) -> Void) {
        pool.run((rows + Self.rowsOfTask - 1) / Self.rowsOfTask) { task, _ in
            for row in (task * Self.rowsOfTask)..<min((task + 1) * Self.rowsOfTask, rows) { body(row) }
        }
    }

    /// Sets each row's residual stream to its token's embedding times the multiplier, plus its position's vector if the
    /// model has learned positions.
    package func embed(_ rows: [PassRow]) {
        let width = c.width
        let multiplier = c.embedding.multiplier
        forEachRow(rows.count) { row in
            let residual = buffers.residual + row * width
            model.weights.embedding.unpack(row: rows[row].token, into: residual)
            if multiplier != 1 { Elementwise.scale(residual, by: multiplier, count: width) }
            if let positions = model.weights.positions {
                withUnsafeTemporaryAllocation(of: Float.self, capacity: width) { scratch in
                    guard let scratch = scratch.baseAddress else { return }
                    positions.unpack(row: rows[row].position, into: scratch)
                    Elementwise.add(scratch, to: residual, count: width)
                }
            }
        }
    }

    /// Computes the cosines and sines of the rows' positions, for each of the model's rotary embeddings.
    package func prepareRotation(_ rows: [PassRow]) {
        for (index, rotary) in model.rotaries.enumerated() {
            let angles = buffers.reserveAngles(index, count: rows.count * rotary.half)
            forEachRow(rows.count) { row in
                rotary.fill(
                    position: rows[row].position, promptCount: rows[row].promptCount,
                    cosines: angles.cosines + row * rotary.half, sines: angles.sines + row * rotary.half)
            }
        }
    }

    /// The residual stream after a norm, or as it is if there is no norm.
    package func normed(
        _ norm: NormWeights?, into output: UnsafeMutablePointer<Float>, rows: Int
    ) -> UnsafePointer<Float> {
        guard let norm else { return UnsafePointer(buffers.residual) }
        let width = c.width
        norm.apply(c.norm, width: width) { apply in
            forEachRow(rows) { row in apply(buffers.residual + row * width, output + row * width, 0) }
        }
        return UnsafePointer(output)
    }

    /// Computes queries, keys and values, in Hugging Face's order of a head's values.
    func projectQueriesKeysValues(_ layer: BlockWeights, from input: UnsafePointer<Float>, rows: Int) {
        products.run(
            [
                LinearProduct(layer.query, input, into: buffers.query),
                LinearProduct(layer.key, input, into: buffers.key),
                LinearProduct(layer.value, input, into: buffers.value),
            ], rows: rows)
        guard model.weights.interleavedRotation else { return }
        let groups = c.headGroups
        let half = c.headSize / 2
        forEachRow(rows) { row in
            withUnsafeTemporaryAllocation(of: Float.self, capacity: groups.headSize) { scratch in
                guard let scratch = scratch.baseAddress else { return }
                for head in 0..<groups.heads {
                    Self.separatePairs(buffers.query + groups.offset(row: row, head: head), half: half, scratch)
                }
                for head in 0..<groups.kvHeads {
                    Self.separatePairs(buffers.key + groups.kvOffset(row: row, kvHead: head), half: half, scratch)
                }
            }
        }
    }

    /// Norms queries and keys, in place.
    func normQueriesKeys(_ kind: QueryKeyNorm, _ layer: BlockWeights, rows: Int) {
        guard kind != .none, let query = layer.queryNorm, let key = layer.keyNorm else { return }
        for (norm, values, heads) in [(query, buffers.query, c.heads), (key, buffers.key, c.kvHeads)] {
            let count = kind == .allHeads ? heads * c.headSize : c.headSize
            let perRow = kind == .allHeads ? 1 : heads
            norm.apply(c.norm, width: count) { apply in
                forEachRow(rows) { row in
                    for part in 0..<perRow {
                        let start = values + (row * perRow + part) * count
                        apply(start, start, kind == .eachHead ? part : 0)
                    }
                }
            }
        }
    }

    /// Clips queries, keys and values to between −c and c, in place.
    func clipQueriesKeysValues(at c: Float, rows: Int) {
        let groups = self.c.headGroups
        for (values, heads) in [
            (buffers.query, groups.heads), (buffers.key, groups.kvHeads), (buffers.value, groups.kvHeads),
        ] {
            let count = heads * groups.headSize
            forEachRow(rows) { row in
                for i in (row * count)..<((row + 1) * count) { values[i] = max(-c, min(values[i], c)) }
            }
        }
    }

    /// Rotates queries and keys by their positions.
    func rotate(_ rotary: Int, rows: Int) {
        let half = model.rotaries[rotary].half
        let angles = buffers.angles(rotary)
        let groups = c.headGroups
        forEachRow(rows) { row in
            let cosines = angles.cosines + row * half
            let sines = angles.sines + row * half
            for head in 0..<groups.heads {
                RotaryEmbedding.rotate(
                    buffers.query + groups.offset(row: row, head: head), cosines: cosines, sines: sines, half: half)
            }
            for head in 0..<groups.kvHeads {
                RotaryEmbedding.rotate(
                    buffers.key + groups.kvOffset(row: row, kvHead: head), cosines: cosines, sines: sines, half: half)
            }
        }
    }

    /// Computes the output projection of z, into `projected`.
    func projectOutput(_ layer: BlockWeights, rows: Int) {
        products.run([LinearProduct(layer.output, buffers.z, into: buffers.projected)], rows: rows)
    }

    /// Turns the output of attention or MLP into what is added to the residual stream: normed and multiplied, in place.
    func finish(_ values: UnsafeMutablePointer<Float>, norm: NormWeights?, multiplier: Float, rows: Int) {
        let width = c.width
        if let norm {
            norm.apply(c.norm, width: width) { apply in
                forEachRow(rows) { row in apply(values + row * width, values + row * width, 0) }
            }
        }
        guard multiplier != 1 else { return }
        forEachRow(rows) { row in Elementwise.scale(values + row * width, by: multiplier, count: width) }
    }

    /// Adds the values of each row to its residual stream.
    func addToResidual(_ values: UnsafePointer<Float>, rows: Int) {
        forEachRow(rows) { row in
            Elementwise.add(values + row * c.width, to: buffers.residual + row * c.width, count: c.width)
        }
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

extension NormWeights {
    /// Calls `body` with a function that norms one row of `width` values, in place if both of its addresses are the
    /// same.
    ///
    /// The function's last argument says which norm's weights to take if there are several; it is 0 if there is one.
    package func apply(
        _ description: NormDescription, width: Int,
        _ body: ((UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void) -> Void
    ) {
        weight.withUnsafeBufferPointer { weight in
            guard let weight = weight.baseAddress else { return }
            switch description.kind {
            case .rms:
                body { x, y, part in
                    Elementwise.rmsNorm(
                        x, weight: weight + part * width, epsilon: description.epsilon, into: y, count: width)
                }
            case .layer:
                (bias ?? []).withUnsafeBufferPointer { bias in
                    let bias = bias.isEmpty ? nil : bias.baseAddress
                    body { x, y, part in
                        Elementwise.layerNorm(
                            x, weight: weight + part * width, bias: bias, epsilon: description.epsilon, into: y,
                            count: width)
                    }
                }
            }
        }
    }
}
