import TensorCore

/// The memory for the attention pattern of a pass's rows, if it is read: it holds scores, which become weights once a
/// row has seen all of its positions.
struct AttentionPattern {
    private let groups: HeadGroups
    private let segments: [PassSegment]
    /// The pattern of each segment, [rows, H · T].
    private let patterns: [UnsafeMutablePointer<Float>]
    /// T for each segment.
    private let keys: [Int]

    init(_ groups: HeadGroups, segments: [PassSegment], _ patterns: [UnsafeMutablePointer<Float>], keys: [Int]) {
        self.groups = groups
        self.segments = segments
        self.patterns = patterns
        self.keys = keys
    }

    /// The start of the weights of one of a task's rows.
    private func start(_ task: AttentionTask, row: Int) -> UnsafeMutablePointer<Float> {
        let place = task.rows.lowerBound - segments[task.segment].rows.lowerBound + row / groups.size
        let head = groups.heads(of: task.kvHead).lowerBound + row % groups.size
        return patterns[task.segment] + (place * groups.heads + head) * keys[task.segment]
    }

    /// Calls `body` with the addresses for the scores of a task's rows, starting at a chunk's first position.
    func withScores(
        _ task: AttentionTask, chunk: Int, _ body: (UnsafePointer<UnsafeMutablePointer<Float>?>?) -> Void
    ) {
        let rows = task.rows.count * groups.size
        withUnsafeTemporaryAllocation(of: UnsafeMutablePointer<Float>?.self, capacity: rows) { starts in
            for row in 0..<rows {
                starts.initializeElement(at: row, to: start(task, row: row) + chunk * KeyValueFormat.chunk)
            }
            body(UnsafePointer(starts.baseAddress))
        }
    }

    /// Turns the scores of a task's rows into weights; positions that a row doesn't see get 0.
    func weigh(_ task: AttentionTask, _ results: AttentionResults, _ rule: AttentionRule) {
        let segment = segments[task.segment]
        for row in 0..<(task.rows.count * groups.size) {
            let position =
                segment.position + task.rows.lowerBound - segment.rows.lowerBound + row / groups.size
            let first = rule.firstKey(of: position)
            let weights = start(task, row: row)
            results.weigh(weights + first, count: position + 1 - first, row: row)
            weights.update(repeating: 0, count: first)
            (weights + position + 1).update(repeating: 0, count: keys[task.segment] - position - 1)
        }
    }
}
