import TensorCore

/// Some rows of one sequence for one key-value head and its query heads, with the chunks of the past that they attend
/// to.
struct AttentionTask {
    var segment: Int
    var kvHead: Int
    var rows: Range<Int>
    var chunks: Range<Int>
}

/// How a pass's attention is divided into tasks; the results don't depend on it.
struct AttentionPlan {
    private(set) var tasks: [AttentionTask] = []
    /// The most rows of a task, counting each head.
    private(set) var rowsOfTask = 1
    /// If chunks are divided among tasks: the place of each segment's first chunk among the results of all chunks.
    /// Place 0 is reserved for their merged results.
    private(set) var partsOfSegment: [Int] = []
    /// The number of places after place 0.
    private(set) var parts = 0

    /// - Parameter isDivided: whether the chunks of a row are divided among tasks.
    init(segments: [PassSegment], groups: HeadGroups, rowsOfTask most: Int, workers: Int, isDivided: Bool) {
        let rows = segments.reduce(0) { $0 + $1.rows.count }
        // At least four tasks per worker, as long as a task has at least two positions.
        let positions = min(max(1, most / groups.size), max(2, rows * groups.kvHeads / (4 * workers)))
        var chunksOfTask = Int.max
        if isDivided {
            let chunks = segments.reduce(0) { $0 + $1.position / KeyValueFormat.chunk + 1 } * groups.kvHeads
            chunksOfTask = max(1, chunks / (6 * workers))
        }
        for (index, segment) in segments.enumerated() {
            var start = segment.rows.lowerBound
            while start < segment.rows.upperBound {
                let end = min(start + positions, segment.rows.upperBound)
                let last = segment.position + end - 1 - segment.rows.lowerBound
                let chunks = last / KeyValueFormat.chunk + 1
                for kvHead in 0..<groups.kvHeads {
                    for first in stride(from: 0, to: chunks, by: min(chunksOfTask, chunks)) {
                        tasks.append(
                            AttentionTask(
                                segment: index, kvHead: kvHead, rows: start..<end,
                                chunks: first..<(min(chunksOfTask, chunks - first) + first)))
                    }
                }
                rowsOfTask = max(rowsOfTask, (end - start) * groups.size)
                start = end
            }
            partsOfSegment.append(parts + 1)
            parts += segment.position / KeyValueFormat.chunk + 1
        }
        // The longest tasks first, so that no worker is left with one at the end.
        tasks.sort { $0.chunks.count * $0.rows.count > $1.chunks.count * $1.rows.count }
    }
}
