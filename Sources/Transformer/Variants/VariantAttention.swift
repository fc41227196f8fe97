import TensorCore

/// Attention of last-position variants: each row sees its prompt's past, which all variants share, and itself.
struct VariantAttention {
    /// The number of rows that one task handles, which is the number of rows' own positions that the kernels take.
    private static let rowsOfTask = 16

    let groups: HeadGroups
    let buffers: PassBuffers
    let pool: WorkerPool

    private struct Task {
        var prompt: Int
        var kvHead: Int
        var rows: ArraySlice<Int>
    }

    /// Computes z of all rows from their rotated queries, rotated keys and values.
    func run(layer: Int, rule: AttentionRule, rows: [VariantRow], prompts: [SequenceState]) {
        var tasks: [Task] = []
        for prompt in prompts.indices {
            let own = rows.indices.filter { rows[$0].prompt == prompt }
            for start in stride(from: 0, to: own.count, by: Self.rowsOfTask) {
                for kvHead in 0..<groups.kvHeads {
                    let end = min(start + Self.rowsOfTask, own.count)
                    tasks.append(Task(prompt: prompt, kvHead: kvHead, rows: own[start..<end]))
                }
            }
        }
        for worker in 0..<pool.count {
            let most = Self.rowsOfTask * groups.size
            buffers.scores[worker].reserve(AttentionChunk.scratchCount(rows: most))
            buffers.scratch[worker].reserve(
                VariantMemory(groups, prompts.first?.cache.format ?? .floats, rows: most).count)
        }
        pool.run(tasks.count) { index, worker in
            compute(tasks[index], layer: layer, rule: rule, state: prompts[tasks[index].prompt], worker: worker)
        }
    }

    private func compute(_ task: Task, layer: Int, rule: AttentionRule, state: SequenceState, worker: Int) {
        let heads = groups.heads(of: task.kvHead)
        let format = state.cache.format
        let rows = task.rows.count * groups.size
        let memory = VariantMemory(groups, format, rows: rows)
        let scratch = buffers.scratch[worker].pointer
        // The memory for the rows' own keys and values, their queries and their results.
        let own = memory.own(in: scratch)
        let queries = AttentionQueries(format, headSize: groups.headSize, rows: rows, in: scratch + memory.queries)
        let results = AttentionResults(rows: rows, headSize: groups.headSize, in: scratch + memory.results)
        let bounds = UnsafeMutableRawPointer(scratch + memory.bounds).assumingMemoryBound(to: Int32.self)
        for (place, row) in task.rows.enumerated() {
            let offset = groups.kvOffset(row: row, kvHead: task.kvHead)
            own.store(position: place, key: buffers.key + offset, value: buffers.value + offset)
            queries.set(
                buffers.query + groups.offset(row: row, head: heads.lowerBound), stride: groups.headSize,
                rows: groups.size, at: place * groups.size)
        }

        // The row's own position comes after all past ones.
        let position = state.count
        results.begin()
        let last = position / KeyValueFormat.chunk
        for index in (rule.firstKey(of: position) / KeyValueFormat.chunk)...last {
            var chunk = rule.chunk(
                index, state.cache.head(task.kvHead, layer: layer, chunk: index), queries: queries,
                positions: position..<(position + 1), rowsOfPosition: rows,
                seesItself: false, bounds: bounds, scratch: buffers.scores[worker].pointer, results: results)
            if index == last {
                chunk.add(own: own, rows: groups.size)
            } else {
                chunk.add()
            }
        }
        let z = scratch
        rule.finish(results, heads: heads, into: z, stride: groups.size * groups.headSize)
        for (place, row) in task.rows.enumerated() {
            (buffers.z + groups.offset(row: row, head: heads.lowerBound)).update(
                from: z + place * groups.size * groups.headSize, count: groups.size * groups.headSize)
        }
    }
}

/// How a task's memory is divided, in float32 values.
private struct VariantMemory {
    private let groups: HeadGroups
    private let format: KeyValueFormat
    let queries: Int
    let results: Int
    let bounds: Int
    let count: Int

    init(_ groups: HeadGroups, _ format: KeyValueFormat, rows: Int) {
        self.groups = groups
        self.format = format
        let positions = KeyValueFormat.lanes
        let own =
            format.keyWords(positions: positions, headSize: groups.headSize)
            + format.valueWords(positions: positions, headSize: groups.headSize) + 2 * positions
        // z later takes the place of the rows' own keys and values.
        queries = max(own, rows * groups.headSize)
        results = queries + AttentionQueries.count(format, headSize: groups.headSize, rows: rows)
        bounds = results + AttentionResults.count(rows: rows, headSize: groups.headSize)
        count = bounds + 2 * rows
    }

    func own(in memory: UnsafeMutablePointer<Float>) -> KeyValueHead {
        let positions = KeyValueFormat.lanes
        let words = UnsafeMutableRawPointer(memory).assumingMemoryBound(to: UInt32.self)
        let values = words + format.keyWords(positions: positions, headSize: groups.headSize)
        let scales = UnsafeMutableRawPointer(
            values + format.valueWords(positions: positions, headSize: groups.headSize)
        ).assumingMemoryBound(to: Float.self)
        return KeyValueHead(
            format, headSize: groups.headSize, keys: words, values: values, keyScales: scales,
            valueScales: scales + positions)
    }
}
