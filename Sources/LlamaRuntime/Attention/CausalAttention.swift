import TensorCore

/// Grouped-query attention of a pass's rows over their sequences' past (Ainslie et al. 2023, arXiv 2305.13245).
///
/// For query head h with key-value head h / (H / K): z = softmax(q Kᵀ / √D) V over the positions up to the row's own.
/// Queries are taken in blocks, so no T × T matrix is made.
struct CausalAttention {
    /// Queries that one task handles; fixed, so that tasks don't depend on the number of workers.
    private static let queryBlock = 64

    let configuration: LlamaConfiguration
    let buffers: PassBuffers
    let pool: WorkerPool

    private struct Task {
        var segment: Int
        var kvHead: Int
        var rows: Range<Int>
    }

    /// Copies the rows' rotated keys and values into their sequences' caches.
    func store(layer: Int, segments: [PassSegment], caches: [KeyValueCache]) {
        let size = configuration.headSize
        let heads = configuration.kvHeads
        pool.run(segments.count) { index, _ in
            let segment = segments[index]
            let capacity = caches[index].capacity
            for head in 0..<heads {
                let keys = caches[index].keys(layer: layer, head: head)
                let values = caches[index].values(layer: layer, head: head)
                for (offset, row) in segment.rows.enumerated() {
                    let place = (segment.position + offset) * size
                    (keys + place).update(from: buffers.key + (row * heads + head) * size, count: size)
                    let value = buffers.value + (row * heads + head) * size
                    for column in 0..<size { values[column &* capacity &+ segment.position &+ offset] = value[column] }
                }
            }
        }
    }

    /// Computes z of all rows.
    ///
    /// - Parameters:
    ///   - caches: one for each segment, with the rows' own keys and values in them.
    ///   - patterns: for each segment, where to keep the attention pattern, [rows, H · T], zero before; or nil.
    ///   - patternKeys: T for each segment.
    func run(
        layer: Int, segments: [PassSegment], caches: [KeyValueCache], patterns: [UnsafeMutablePointer<Float>?],
        patternKeys: [Int]
    ) {
        var tasks: [Task] = []
        for (index, segment) in segments.enumerated() {
            for kvHead in 0..<configuration.kvHeads {
                var start = segment.rows.lowerBound
                while start < segment.rows.upperBound {
                    let end = min(start + Self.queryBlock, segment.rows.upperBound)
                    tasks.append(Task(segment: index, kvHead: kvHead, rows: start..<end))
                    start = end
                }
            }
        }
        pool.run(tasks.count) { index, worker in
            let task = tasks[index]
            compute(
                task, layer: layer, segment: segments[task.segment], cache: caches[task.segment],
                scores: buffers.scores[worker], pattern: patterns[task.segment], patternKeys: patternKeys[task.segment])
        }
    }

    private func compute(
        _ task: Task, layer: Int, segment: PassSegment, cache: KeyValueCache, scores buffer: FloatBuffer,
        pattern: UnsafeMutablePointer<Float>?, patternKeys: Int
    ) {
        let c = configuration
        let size = c.headSize
        let group = c.headsPerKeyValueHead
        let width = c.heads * size
        let first = segment.position + task.rows.lowerBound - segment.rows.lowerBound
        let keyCount = first + task.rows.count
        let keys = cache.keys(layer: layer, head: task.kvHead)
        let values = cache.values(layer: layer, head: task.kvHead)
        // Scores of positions that nobody sees are zero, up to a whole group of positions.
        let padded = KeyValueCache.padded(keyCount)
        // The heads of a group are one block of rows where there is one query, else one block a head.
        let single = task.rows.count == 1
        let queries = single ? group : task.rows.count
        let stride = single ? size : width
        let factor = 1 / Float(size).squareRoot()
        let scores = buffer.reserve(queries * padded)
        for member in 0..<(single ? 1 : group) {
            let start = task.rows.lowerBound * width + (task.kvHead * group + member) * size
            DotProducts.run(
                n: size, buffers.query + start, rows: queries, strideX: stride, keys, rows: keyCount, strideW: size,
                into: scores, strideY: padded)
            for query in 0..<queries {
                let visible = single ? keyCount : first + query + 1
                let row = scores + query * padded
                Elementwise.scale(row, by: factor, count: visible)
                Elementwise.softmax(row, count: visible)
                (row + visible).update(repeating: 0, count: padded - visible)
                if let pattern {
                    let rowInSegment = task.rows.lowerBound - segment.rows.lowerBound + (single ? 0 : query)
                    let head = task.kvHead * group + (single ? query : member)
                    (pattern + (rowInSegment * c.heads + head) * patternKeys).update(from: row, count: visible)
                }
            }
            DotProducts.run(
                n: padded, scores, rows: queries, strideX: padded, values, rows: size, strideW: cache.capacity,
                into: buffers.z + start, strideY: stride)
        }
    }
}
