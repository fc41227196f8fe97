import CWeightKernels

/// Attention of some rows (queries) to the keys and values of one chunk of positions, computed by the SIMD kernels.
///
/// What a row gets depends on its own query and on the positions that it sees alone, not on the other rows: see
/// `AttentionKernels.h` for the order of sums.
public struct AttentionChunk {
    private var part: headsteer_attention_part

    /// - Parameters:
    ///   - scale: what products become scores by.
    ///   - softCap: c, for scores that become c · tanh(score / c); nil for none.
    ///   - from: the first position that a row sees, counted from the chunk's first; [rows].
    ///   - to: the first one that it doesn't see any more; [rows].
    ///   - scratch: room for ``scratchCount(rows:)`` values, for this call alone.
    ///   - results: what the chunk is added to; its rows are the queries'.
    public init(
        _ chunk: Int, of head: KeyValueHead, scale: Float, softCap: Float?, queries: AttentionQueries,
        from: UnsafePointer<Int32>, to: UnsafePointer<Int32>, scratch: UnsafeMutablePointer<Float>,
        results: AttentionResults
    ) {
        part = headsteer_attention_part(
            format: head.format.rawValue, head_size: head.headSize, scale: scale, soft_cap: softCap ?? 0,
            chunk: head.addresses(ofChunk: chunk), rows: results.rows, queries: queries.words,
            query_scales: queries.scales, from: from, to: to, own: nil, rows_of_own: 0, scores: nil, scratch: scratch,
            z: results.z, largest: results.largest, sums: results.sums)
    }

    /// The float32 values of scratch memory that a call needs.
    public static func scratchCount(rows: Int) -> Int { headsteer_attention_scratch(rows) }

    /// Adds the chunk to the results.
    ///
    /// - Parameter scores: for each row, where the scores of the positions that it sees go, counted from the chunk's first;
    ///   nil for nowhere.
    public mutating func add(scores: UnsafePointer<UnsafeMutablePointer<Float>?>? = nil) {
        part.scores = scores
        headsteer_attention_compute(&part)
    }

    /// Adds the chunk where each row sees, besides, a position of its own, which comes after the others: all rows see the same others.
    ///
    /// - Parameters:
    ///   - own: up to 16 positions.
    ///   - rows: how many rows in turn see each of them.
    public mutating func add(own: KeyValueHead, rows: Int) {
        withUnsafePointer(to: own.addresses) { own in
            part.own = own
            part.rows_of_own = rows
            headsteer_attention_compute(&part)
        }
        part.own = nil
    }
}
