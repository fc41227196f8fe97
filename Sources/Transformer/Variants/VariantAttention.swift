import TensorCore

/// Attention of last-position variants: each row sees its prompt's past, which all variants share, and itself.
struct VariantAttention {
    /// Rows that one task handles; fixed, so that tasks don't depend on the number of workers.
    private static let rowsOfTask = 32

    let groups: HeadGroups
    let buffers: PassBuffers
    let pool: WorkerPool

    private struct Task {
        var prompt: Int
        var kvHead: Int
        var rows: ArraySlice<Int>
    }

    /// Computes z of all rows from their rotated queries and keys and their values.
    func run(layer: Int, rule: AttentionRule, rows: [VariantRow], prompts: [SequenceState]) {
        var tasks: [Task] = []
        for prompt in prompts.indices {
            let own = rows.indices.filter { rows[$0].prompt == prompt }
            for kvHead in 0..<groups.kvHeads {
                var start = 0
                while start < own.count {
                    let end = min(start + Self.rowsOfTask, own.count)
                    tasks.append(Task(prompt: prompt, kvHead: kvHead, rows: own[start..<end]))
                    start = end
                }
            }
        }
        pool.run(tasks.count) { index, worker in
            compute(
                tasks[index], layer: layer, rule: rule, state: prompts[tasks[index].prompt],
                scores: buffers.scores[worker],
                scratch: buffers.scratch[worker], strip: buffers.strips[worker])
        }
    }

    private func compute(
        _ task: Task, layer: Int, rule: AttentionRule, state: SequenceState, scores scoreBuffer: FloatBuffer,
        scratch: FloatBuffer, strip: FloatBuffer
    ) {
        let size = groups.headSize
        let group = groups.size
        let heads = groups.heads(of: task.kvHead)
        let past = state.count
        let queries = task.rows.count * group
        // The queries of the task's rows and heads, gathered, and behind them their z.
        let gathered = scratch.reserve(2 * queries * size)
        let mixed = gathered + queries * size
        // The row's own position comes after the past ones, then in a place of its own behind the padding; a sink needs one
        // value more.
        let padded = KeyValueCache.padded(past)
        let stride = padded + 2
        let scores = scoreBuffer.reserve(queries * stride)
        let cache = state.cache.layer(layer)

        for (index, row) in task.rows.enumerated() {
            (gathered + index * group * size).update(
                from: buffers.query + groups.offset(row: row, head: heads.lowerBound), count: group * size)
        }
        cache.multiplyKeys(
            head: task.kvHead, gathered, rows: queries, strideX: size, count: past, into: scores, strideY: stride,
            scratch: strip)
        for query in 0..<queries {
            let row = task.rows[task.rows.startIndex + query / group]
            let ownKey = buffers.key + groups.kvOffset(row: row, kvHead: task.kvHead)
            let line = scores + query * stride
            line[past] = Elementwise.dot(gathered + query * size, ownKey, count: size)
            rule.normalize(line, count: past + 1, position: past, head: heads.lowerBound + query % group)
            let own = line[past]
            (line + past).update(repeating: 0, count: padded - past)
            line[padded] = own
        }
        if past > 0 {
            cache.multiplyValues(
                head: task.kvHead, scores, rows: queries, strideX: stride, count: padded, into: mixed, strideY: size,
                scratch: strip)
        } else {
            mixed.update(repeating: 0, count: queries * size)
        }
        for query in 0..<queries {
            let row = task.rows[task.rows.startIndex + query / group]
            let ownValue = buffers.value + groups.kvOffset(row: row, kvHead: task.kvHead)
            let z = mixed + query * size
            Elementwise.add(scores[query * stride + padded], times: ownValue, to: z, count: size)
            (buffers.z + groups.offset(row: row, head: heads.lowerBound + query % group)).update(from: z, count: size)
        }
    }
}
