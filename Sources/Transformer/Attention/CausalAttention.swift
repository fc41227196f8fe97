import TensorCore

/// Grouped-query attention of a pass's rows over their sequences' past (Ainslie et al. 2023, arXiv 2305.13245).
///
/// z = weights · V, where the weights are the softmax of the scores that ``AttentionRule`` makes from q Kᵀ, over the
/// positions that a row sees. The past is processed in chunks of positions, and the chunks' results are merged in
/// order. So no T × T matrix is made, positions that no row sees are not computed, and the queries of a group of heads
/// share each key and value as it is read.
///
/// Everything that is the same in all layers is computed once per pass, and memory is reserved.
package struct CausalAttention {
    /// The most rows of one key-value head (positions × heads of a group) that one task takes through all chunks:
    /// enough that a chunk is read seldom, and few enough that the results stay in the second-level cache.
    private static let rowsOfTask = 96
    /// The number of products that take about as long as a call of the workers.
    private static let productsOfCall = 150_000

    private let groups: HeadGroups
    private let buffers: PassBuffers
    private let pool: WorkerPool
    private let segments: [PassSegment]
    private let caches: [KeyValueCache]
    /// The addresses of the caches' pages, those of each segment from its first page on.
    private let pages: [UnsafeMutableRawPointer]
    private let firstPages: [Int]
    private let tasks: [AttentionTask]
    /// Whether each segment has one row, whose tasks store its key and value themselves.
    private let hasSingleRows: Bool
    /// If the chunks are divided among tasks: for each segment, the place where its chunks' results begin.
    private let partsOfSegment: [Int]?
    /// Whether there is enough work for a call of the workers.
    private let usesWorkers: Bool

    /// - Parameter caches: one for each segment, with room for the segment's positions.
    package init(
        configuration: ModelConfiguration, buffers: PassBuffers, pool: WorkerPool, segments: [PassSegment],
        caches: [KeyValueCache]
    ) {
        let groups = configuration.headGroups
        self.groups = groups
        self.buffers = buffers
        self.pool = pool
        self.segments = segments
        self.caches = caches
        let pagesOfCaches = caches.map(\.addresses)
        pages = pagesOfCaches.flatMap(\.self)
        firstPages = pagesOfCaches.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }
        hasSingleRows = segments.allSatisfy { $0.rows.count == 1 }
        let products = segments.reduce(0) {
            $0 + $1.rows.count * ($1.position + $1.rows.count) * groups.heads * groups.headSize * 2
        }
        usesWorkers = products > Self.productsOfCall
        // A few single rows would leave workers idle, so the chunks of their past are divided too. (This is done even
        // if no workers are called, so that short texts are computed in the same way as long ones.)
        let isDivided = hasSingleRows && segments.count * groups.kvHeads < 8 * pool.count
        let plan = AttentionPlan(
            segments: segments, groups: groups, rowsOfTask: Self.rowsOfTask, workers: pool.count, isDivided: isDivided)
        tasks = plan.tasks
        partsOfSegment = isDivided ? plan.partsOfSegment : nil
        reserve(plan, caches.first?.format ?? .floats)
    }

    private func reserve(_ plan: AttentionPlan, _ format: KeyValueFormat) {
        let size = groups.headSize
        let rows = plan.rowsOfTask
        for worker in 0..<pool.count {
            buffers.scores[worker].reserve(AttentionChunk.scratchCount(rows: rows))
            buffers.scratch[worker].reserve(
                AttentionQueries.count(format, headSize: size, rows: rows)
                    + AttentionResults.count(rows: rows, headSize: size) + 2 * rows)
        }
        if partsOfSegment != nil {
            buffers.parts.reserve(
                plan.parts * AttentionResults.count(rows: groups.heads, headSize: size)
                    + AttentionResults.count(rows: groups.heads, headSize: size))
        }
    }

    /// Copies the rows' rotated keys and their values into the caches, and computes z of all rows.
    ///
    /// - Parameters:
    ///   - patterns: for each segment, where to store the attention pattern, [rows, H · T]; nil for nowhere.
    ///   - patternKeys: T for each segment.
    package func run(
        layer: Int, rule: AttentionRule, patterns: [UnsafeMutablePointer<Float>]? = nil, patternKeys: [Int] = []
    ) {
        withLayers(layer) { layers in
            if !hasSingleRows {
                // A row's task reads the keys of earlier rows, which belong to other tasks.
                forEachTask { index, _ in store(tasks[index], layers[tasks[index].segment]) }
            }
            let pattern = patterns.map { AttentionPattern(groups, segments: segments, $0, keys: patternKeys) }
            forEachTask { index, worker in
                compute(tasks[index], layers[tasks[index].segment], rule, worker: worker, pattern: pattern)
            }
            if let partsOfSegment {
                for index in segments.indices {
                    merge(segment: index, parts: partsOfSegment[index], rule, pattern: pattern)
                }
            }
        }
    }

    /// Calls `body` with one layer's keys and values of each segment.
    private func withLayers(_ layer: Int, _ body: (UnsafeMutableBufferPointer<KeyValueLayer>) -> Void) {
        pages.withUnsafeBufferPointer { pages in
            guard let pages = pages.baseAddress else { return }
            withUnsafeTemporaryAllocation(of: KeyValueLayer.self, capacity: segments.count) { layers in
                for index in segments.indices {
                    layers.initializeElement(
                        at: index, to: caches[index].layer(layer, pages: pages + firstPages[index]))
                }
                body(layers)
            }
        }
    }

    private func forEachTask(_ body: (_ task: Int, _ worker: Int) -> Void) {
        if usesWorkers { return pool.run(tasks.count, body) }
        for index in tasks.indices { body(index, 0) }
    }

    private func store(_ task: AttentionTask, _ layer: KeyValueLayer) {
        let segment = segments[task.segment]
        for row in task.rows {
            let offset = groups.kvOffset(row: row, kvHead: task.kvHead)
            layer.store(
                position: segment.position + row - segment.rows.lowerBound, head: task.kvHead,
                key: buffers.key + offset, value: buffers.value + offset)
        }
    }

    private func compute(
        _ task: AttentionTask, _ layer: KeyValueLayer, _ rule: AttentionRule, worker: Int, pattern: AttentionPattern?
    ) {
        let segment = segments[task.segment]
        let first = segment.position + task.rows.lowerBound - segment.rows.lowerBound
        let last = first + task.rows.count - 1
        // Only the task with the last position's chunk reads that position, so that task stores it.
        if hasSingleRows && last / KeyValueFormat.chunk < task.chunks.upperBound { store(task, layer) }
        let rows = task.rows.count * groups.size
        let heads = groups.heads(of: task.kvHead)
        let format = layer.layout.format
        let memory = buffers.scratch[worker].pointer
        let queries = AttentionQueries(format, headSize: groups.headSize, rows: rows, in: memory)
        for row in task.rows {
            queries.set(
                buffers.query + groups.offset(row: row, head: heads.lowerBound), stride: groups.headSize,
                rows: groups.size, at: (row - task.rows.lowerBound) * groups.size)
        }
        let own = memory + AttentionQueries.count(format, headSize: groups.headSize, rows: rows)
        let results = AttentionResults(rows: rows, headSize: groups.headSize, in: own)
        let bounds = UnsafeMutableRawPointer(
            own + AttentionResults.count(rows: rows, headSize: groups.headSize)
        ).assumingMemoryBound(to: Int32.self)

        let begin = rule.firstKey(of: first) / KeyValueFormat.chunk
        if partsOfSegment == nil { results.begin() }
        for index in task.chunks where index >= begin {
            let target = partsOfSegment == nil ? results : part(task, chunk: index)
            if partsOfSegment != nil { target.begin() }
            var chunk = rule.chunk(
                index, layer.head(task.kvHead, chunk: index), queries: queries, positions: first..<(last + 1),
                rowsOfPosition: groups.size, seesItself: true, bounds: bounds, scratch: buffers.scores[worker].pointer,
                results: target)
            if let pattern {
                pattern.withScores(task, chunk: index) { chunk.add(scores: $0) }
            } else {
                chunk.add()
            }
        }
        guard partsOfSegment == nil else { return }
        rule.finish(
            results, heads: heads,
            into: buffers.z + groups.offset(row: task.rows.lowerBound, head: heads.lowerBound),
            stride: groups.heads * groups.headSize)
        pattern?.weigh(task, results, rule)
    }

    /// The results of one chunk for a single row's heads; those of all key-value heads are side by side.
    private func part(_ task: AttentionTask, chunk: Int) -> AttentionResults {
        let place = (partsOfSegment?[task.segment] ?? 0) + chunk
        return part(place).part(groups.heads(of: task.kvHead))
    }

    private func part(_ place: Int) -> AttentionResults {
        AttentionResults(
            rows: groups.heads, headSize: groups.headSize,
            in: buffers.parts.pointer
                + place &* AttentionResults.count(rows: groups.heads, headSize: groups.headSize))
    }

    /// Merges the results of a single row's chunks.
    private func merge(segment index: Int, parts: Int, _ rule: AttentionRule, pattern: AttentionPattern?) {
        let segment = segments[index]
        let results = part(0)
        results.begin()
        let begin = rule.firstKey(of: segment.position) / KeyValueFormat.chunk
        for chunk in begin...(segment.position / KeyValueFormat.chunk) { results.merge(part(parts + chunk)) }
        let row = segment.rows.lowerBound
        rule.finish(
            results, heads: 0..<groups.heads, into: buffers.z + groups.offset(row: row, head: 0),
            stride: groups.heads * groups.headSize)
        guard let pattern else { return }
        for kvHead in 0..<groups.kvHeads {
            let task = AttentionTask(segment: index, kvHead: kvHead, rows: segment.rows, chunks: 0..<0)
            pattern.weigh(task, results.part(groups.heads(of: kvHead)), rule)
        }
    }
}
