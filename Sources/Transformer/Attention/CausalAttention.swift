import TensorCore

/// Grouped-query attention of a pass's rows over their sequences' past (Ainslie et al. 2023, arXiv 2305.13245).
///
/// z = weights · V, the weights being what ``AttentionRule`` makes of q Kᵀ over the positions up to the row's own.
/// Queries are taken in blocks, so no T × T matrix is made. What is the same in all layers is worked out once for a pass.
struct CausalAttention {
    /// Queries that one task handles; fixed, so that tasks don't depend on the number of workers.
    private static let queryBlock = 64

    private struct Task {
        var segment: Int
        var kvHead: Int
        var rows: Range<Int>
    }

    private let groups: HeadGroups
    private let buffers: PassBuffers
    private let pool: WorkerPool
    private let segments: [PassSegment]
    private let caches: [KeyValueCache]
    private let tasks: [Task]
    /// Whether storing keys and values is worth a call of the workers.
    private let hasManyRows: Bool

    /// - Parameter caches: one for each segment, with room for the segment's positions.
    init(
        configuration: ModelConfiguration, buffers: PassBuffers, pool: WorkerPool, segments: [PassSegment],
        caches: [KeyValueCache]
    ) {
        groups = configuration.headGroups
        self.buffers = buffers
        self.pool = pool
        self.segments = segments
        self.caches = caches
        hasManyRows = segments.reduce(0) { $0 + $1.rows.count } > 16
        var tasks: [Task] = []
        for (index, segment) in segments.enumerated() {
            for kvHead in 0..<groups.kvHeads {
                var start = segment.rows.lowerBound
                while start < segment.rows.upperBound {
                    let end = min(start + Self.queryBlock, segment.rows.upperBound)
                    tasks.append(Task(segment: index, kvHead: kvHead, rows: start..<end))
                    start = end
                }
            }
        }
        // The longest first, so that no worker is left with one at the end.
        self.tasks = tasks.sorted { $0.rows.lowerBound > $1.rows.lowerBound }
    }

    /// Copies the rows' rotated keys and their values into the caches and computes z of all rows.
    ///
    /// - Parameters:
    ///   - patterns: for each segment, where to keep the attention pattern, [rows, H · T], zero before; nil for none.
    ///   - patternKeys: T for each segment.
    func run(layer: Int, rule: AttentionRule, patterns: [UnsafeMutablePointer<Float>]? = nil, patternKeys: [Int] = []) {
        withUnsafeTemporaryAllocation(of: KeyValueLayer.self, capacity: segments.count) { layers in
            for index in segments.indices { layers.initializeElement(at: index, to: caches[index].layer(layer)) }
            let storing = { (index: Int, worker: Int) in
                let task = tasks[index]
                store(task, segments[task.segment], layers[task.segment], scratch: buffers.scratch[worker])
            }
            if hasManyRows {
                pool.run(tasks.count, storing)
            } else {
                for index in tasks.indices { storing(index, 0) }
            }
            pool.run(tasks.count) { index, worker in
                let task = tasks[index]
                compute(
                    task, segments[task.segment], layers[task.segment], rule, worker: worker,
                    pattern: patterns?[task.segment], patternKeys: patterns == nil ? 0 : patternKeys[task.segment])
            }
        }
    }

    private func store(_ task: Task, _ segment: PassSegment, _ layer: KeyValueLayer, scratch: FloatBuffer) {
        let packed = scratch.reserve(groups.headSize)
        for row in task.rows {
            let offset = groups.kvOffset(row: row, kvHead: task.kvHead)
            layer.store(
                head: task.kvHead, position: segment.position + row - segment.rows.lowerBound,
                key: buffers.key + offset, value: buffers.value + offset, scratch: packed)
        }
    }

    private func compute(
        _ task: Task, _ segment: PassSegment, _ cache: KeyValueLayer, _ rule: AttentionRule, worker: Int,
        pattern: UnsafeMutablePointer<Float>?, patternKeys: Int
    ) {
        let width = groups.heads * groups.headSize
        let heads = groups.heads(of: task.kvHead)
        let first = segment.position + task.rows.lowerBound - segment.rows.lowerBound
        let keyCount = first + task.rows.count
        // Scores of positions that nobody sees are zero, up to a whole group of positions. A sink needs one value more; the
        // rows stay aligned for the kernels.
        let padded = KeyValueCache.padded(keyCount)
        let scoreStride = padded + (rule.hasSinks ? 16 : 0)
        // The heads of a group are one block of rows where there is one query, else one block a head.
        let single = task.rows.count == 1
        let queries = single ? groups.size : task.rows.count
        let stride = single ? groups.headSize : width
        let scratch = buffers.strips[worker]
        let scores = buffers.scores[worker].reserve(queries * scoreStride)
        for member in 0..<(single ? 1 : groups.size) {
            let start = groups.offset(row: task.rows.lowerBound, head: heads.lowerBound + member)
            cache.multiplyKeys(
                head: task.kvHead, buffers.query + start, rows: queries, strideX: stride, count: keyCount, into: scores,
                strideY: scoreStride, scratch: scratch)
            for query in 0..<queries {
                let visible = single ? keyCount : first + query + 1
                let head = heads.lowerBound + (single ? query : member)
                let row = scores + query * scoreStride
                rule.normalize(row, count: visible, position: visible - 1, head: head)
                (row + visible).update(repeating: 0, count: scoreStride - visible)
                if let pattern {
                    let rowInSegment = task.rows.lowerBound - segment.rows.lowerBound + (single ? 0 : query)
                    (pattern + (rowInSegment * groups.heads + head) * patternKeys).update(from: row, count: visible)
                }
            }
            cache.multiplyValues(
                head: task.kvHead, scores, rows: queries, strideX: scoreStride, count: padded, into: buffers.z + start,
                strideY: stride, scratch: scratch)
        }
    }
}
