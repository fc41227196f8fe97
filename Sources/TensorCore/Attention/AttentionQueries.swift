import CWeightKernels

/// Queries in the format of the keys, as addresses in memory that the caller keeps alive.
public struct AttentionQueries {
    let format: KeyValueFormat
    let headSize: Int
    /// [rows, words]
    let words: UnsafeMutablePointer<UInt32>
    /// [rows]
    let scales: UnsafeMutablePointer<Float>

    /// - Parameter memory: room for ``count(_:headSize:rows:)`` values.
    public init(_ format: KeyValueFormat, headSize: Int, rows: Int, in memory: UnsafeMutablePointer<Float>) {
        self.format = format
        self.headSize = headSize
        let count = rows &* format.words(headSize: headSize)
        words = UnsafeMutableRawPointer(memory).assumingMemoryBound(to: UInt32.self)
        scales = memory + count
    }

    /// The number of float32 values that queries take in memory.
    public static func count(_ format: KeyValueFormat, headSize: Int, rows: Int) -> Int {
        rows * (format.words(headSize: headSize) + 1)
    }

    /// Sets `rows` rows from `row` on to queries of D values that are `stride` apart.
    public func set(_ queries: UnsafePointer<Float>, stride: Int, rows: Int, at row: Int) {
        headsteer_attention_queries(
            format.rawValue, headSize, queries, stride, rows, words + row &* format.words(headSize: headSize),
            scales + row)
    }
}
