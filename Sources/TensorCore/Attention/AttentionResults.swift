import CWeightKernels

/// The attention results of some rows (queries) so far, as addresses in memory that the caller keeps alive.
///
/// For each row they hold the sum of the values, each times e^(score − largest score), the largest score, and the sum
/// of the exponentials (Milakov & Gimelshein 2018, arXiv 1805.02867).
public struct AttentionResults {
    let rows: Int
    let headSize: Int
    private let columns: Int
    /// [rows, columns]
    let z: UnsafeMutablePointer<Float>
    /// [rows]
    public let largest: UnsafeMutablePointer<Float>
    /// [rows]
    public let sums: UnsafeMutablePointer<Float>

    /// - Parameter memory: room for ``count(rows:headSize:)`` values.
    public init(rows: Int, headSize: Int, in memory: UnsafeMutablePointer<Float>) {
        let columns = KeyValueFormat.columns(headSize: headSize)
        self.init(
            rows: rows, headSize: headSize, z: memory, largest: memory + rows &* columns,
            sums: memory + rows &* (columns &+ 1))
    }

    private init(
        rows: Int, headSize: Int, z: UnsafeMutablePointer<Float>, largest: UnsafeMutablePointer<Float>,
        sums: UnsafeMutablePointer<Float>
    ) {
        self.rows = rows
        self.headSize = headSize
        columns = KeyValueFormat.columns(headSize: headSize)
        self.z = z
        self.largest = largest
        self.sums = sums
    }

    /// The number of float32 values that results take in memory.
    public static func count(rows: Int, headSize: Int) -> Int {
        rows * (KeyValueFormat.columns(headSize: headSize) + 2)
    }

    /// The results of some of the rows.
    public func part(_ range: Range<Int>) -> AttentionResults {
        AttentionResults(
            rows: range.count, headSize: headSize, z: z + range.lowerBound &* columns,
            largest: largest + range.lowerBound, sums: sums + range.lowerBound)
    }

    /// Resets the results to those of rows that have seen nothing.
    public func begin() { headsteer_attention_begin(rows, columns, z, largest, sums) }

    /// Adds the results of the same rows for the next chunk.
    public func merge(_ next: AttentionResults) {
        headsteer_attention_merge(rows, columns, z, largest, sums, next.z, next.largest, next.sums)
    }

    /// Divides by the sums, which gives z; O(rows · D).
    ///
    /// - Parameters:
    ///   - sinks: for each row of a group, a score without a value; nil for none. It becomes part of ``largest`` and
    ///     ``sums``.
    ///   - group: the number of rows whose results are side by side.
    ///   - z: receives D values for each row; groups are `stride` apart.
    public func finish(
        sinks: UnsafePointer<Float>?, group: Int, into z: UnsafeMutablePointer<Float>, stride: Int
    ) {
        headsteer_attention_finish(rows, headSize, self.z, largest, sums, sinks, group, z, stride)
    }

    /// Turns the scores of a finished row into its weights, in place: e^(score − largest) / sum.
    public func weigh(_ scores: UnsafeMutablePointer<Float>, count: Int, row: Int) {
        headsteer_attention_weights(scores, count, largest[row], sums[row])
    }
}
