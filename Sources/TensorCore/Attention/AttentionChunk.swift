import CWeightKernels

/// Attention of some rows (queries) to the keys and values of one chunk of positions, computed by the SIMD kernels.
///
/// A row's result depends only on its own query and on the positions that it sees, not on the other rows.
/// `AttentionKernels.h` describes the order of sums.
public struct AttentionChunk {
    private var part: headsteer_attention_part

    /// - Parameters:
    ///   - chunk: the keys and values of up to ``KeyValueFormat/chunk`` positions.
    ///   - scale: the factor that turns products into scores.
    ///   - softCap: c, for scores that become c · tanh(score / c); nil for none.
    ///   - from: the first position that each row sees, counted from the chunk's first; [rows].
    ///   - to: the first position after those that each row sees; [rows].
    ///   - scratch: room for ``scratchCount(rows:)`` values, for this call only.
    ///   - results: the results that the chunk is added to; their rows are those of the queries.
    public init(
        _ chunk: KeyValueHead, scale: Float, softCap: Float?, queries: AttentionQueries,
        from: UnsafePointer<Int32>, to: UnsafePointer<Int32>, scratch: UnsafeMutablePointer<Float>,
        results: AttentionResults
    ) {
        part = headsteer_attention_part(
            format: chunk.format.rawValue, head_size: chunk.headSize, scale: scale, soft_cap: softCap ?? 0,
            chunk: chunk.addresses, rows: results.rows, queries: queries.words,
            query_scales: queries.scales, from: from, to: to, own: nil, rows_of_own: 0, scores: nil, scratch: scratch,
            z: results.z, largest: results.largest, sums: results.sums)
    }

    /// The number of float32 scratch values that a call needs.
    public static func scratchCount(rows: Int) -> Int { headsteer_attention_scratch(rows) }

    /// Adds the chunk to the results.
    ///
    /// - Parameter scores: for each row, where to write the scores of the positions that it sees, counted from the
    ///   chunk's first; nil to write none.
    public mutating func add(scores: UnsafePointer<UnsafeMutablePointer<Float>?>? = nil) {
        part.scores = scores
        headsteer_attention_compute(&part)
    }

    /// Adds the chunk when each row also sees a position of its own, after the other positions, which are the same for
    /// all rows.
    ///
    /// - Parameters:
    ///   - own: up to 16 positions.
    ///   - rows: the number of consecutive rows that see each of them.
    public mutating func add(own: KeyValueHead, rows: Int) {
        withUnsafePointer(to: own.addresses) { own in
            part.own = own
            part.rows_of_own = rows
            headsteer_attention_compute(&part)
        }
        part.own = nil
    }
}
