import CWeightKernels

/// Queries in the format of the keys: addresses in memory that the caller keeps.
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

    /// The float32 values of memory that queries take.
    public static func count(_ format: KeyValueFormat, headSize: Int, rows: Int) -> Int {
        rows * (format.words(headSize: headSize) + 1)
    }

    /// Sets some rows, from `row` on, to queries of D values that lie `stride` apart.
    public func set(_ queries: UnsafePointer<Float>, stride: Int, rows: Int, at row: Int) {
        headsteer_attention_queries(
            format.rawValue, headSize, queries, stride, rows, words + row &* format.words(headSize: headSize),
            scales + row)
    }
}
