import TensorCore

/// How a query's products with keys become its weights on values: the positions it sees, the scale, the soft cap and
/// the sink; all passes use this one definition.
package struct AttentionRule {
    private let window: Int?
    package let scale: Float
    package let softCap: Float?
    /// The score of each query head's sink.
    package let sinks: [Float]?

    package init(_ description: AttentionDescription, _ weights: BlockWeights) {
        window = description.window
        scale = description.scale
        softCap = description.softCap
        sinks = weights.sinks
    }

    /// The first position that a query at a position sees.
    @inline(__always)
    package func firstKey(of position: Int) -> Int { window.map { max(0, position &- $0 &+ 1) } ?? 0 }

    /// Prepares to add one chunk of positions to the results of some rows at consecutive positions.
    ///
    /// - Parameters:
    ///   - chunk: the chunk's number in its sequence.
    ///   - head: its keys and values.
    ///   - positions: the rows' positions.
    ///   - rowsOfPosition: the number of consecutive rows at each position.
    ///   - seesItself: whether a row's own position is in the chunks.
    ///   - bounds: room for two integers per row.
    func chunk(
        _ chunk: Int, _ head: KeyValueHead, queries: AttentionQueries, positions: Range<Int>, rowsOfPosition: Int,
        seesItself: Bool, bounds: UnsafeMutablePointer<Int32>, scratch: UnsafeMutablePointer<Float>,
        results: AttentionResults
    ) -> AttentionChunk {
        let start = chunk &* KeyValueFormat.chunk
        let rows = positions.count &* rowsOfPosition
        var row = 0
        for position in positions {
            let to = min(max(position &+ (seesItself ? 1 : 0) &- start, 0), KeyValueFormat.chunk)
            let from = min(max(firstKey(of: position) &- start, 0), to)
            for _ in 0..<rowsOfPosition {
                bounds[row] = Int32(truncatingIfNeeded: from)
                bounds[rows &+ row] = Int32(truncatingIfNeeded: to)
                row &+= 1
            }
        }
        return AttentionChunk(
            head, scale: scale, softCap: softCap, queries: queries, from: bounds, to: bounds + rows,
            scratch: scratch, results: results)
    }

    /// Divides results by their sums, which include the sinks of their heads.
    ///
    /// - Parameters:
    ///   - heads: the query heads of a group of rows.
    ///   - z: receives the rows of the first group; groups are `stride` apart.
    func finish(
        _ results: AttentionResults, heads: Range<Int>, into z: UnsafeMutablePointer<Float>, stride: Int
    ) {
        guard let sinks else { return results.finish(sinks: nil, group: heads.count, into: z, stride: stride) }
        sinks.withUnsafeBufferPointer { sinks in
            results.finish(
                sinks: sinks.baseAddress.map { $0 + heads.lowerBound }, group: heads.count, into: z, stride: stride)
        }
    }
}
