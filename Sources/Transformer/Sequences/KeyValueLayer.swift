import TensorCore

/// One layer's keys and values of one sequence: addresses, nothing that is counted.
struct KeyValueLayer {
    /// [K, capacity, D]
    let keys: UnsafeMutableRawPointer
    /// [K, D, capacity]
    let values: UnsafeMutableRawPointer
    /// F32 or F16.
    let format: WeightFormat
    let headSize: Int
    let capacity: Int

    private var bytesPerNumber: Int { format.bytesPerBlock }

    private func keys(head: Int) -> UnsafeMutableRawPointer { keys + head &* capacity &* headSize &* bytesPerNumber }

    private func values(head: Int) -> UnsafeMutableRawPointer {
        values + head &* capacity &* headSize &* bytesPerNumber
    }

    /// Writes one position's rotated key and its value, [D] each.
    ///
    /// - Parameter scratch: room for D values.
    func store(
        head: Int, position: Int, key: UnsafePointer<Float>, value: UnsafePointer<Float>,
        scratch: UnsafeMutablePointer<Float>
    ) {
        format.round(key, count: headSize, into: keys(head: head) + position &* headSize &* bytesPerNumber)
        let columns = values(head: head)
        if format == .f16 {
            format.round(value, count: headSize, into: scratch)
            let halves = UnsafeRawPointer(scratch).assumingMemoryBound(to: UInt16.self)
            let target = columns.assumingMemoryBound(to: UInt16.self) + position
            for column in 0..<headSize { target[column &* capacity] = halves[column] }
        } else {
            let target = columns.assumingMemoryBound(to: Float.self) + position
            for column in 0..<headSize { target[column &* capacity] = value[column] }
        }
    }

    /// The products of queries with the first `count` keys: scores, [queries, count] with rows `strideY` apart.
    func multiplyKeys(
        head: Int, _ queries: UnsafePointer<Float>, rows: Int, strideX: Int, count: Int,
        into scores: UnsafeMutablePointer<Float>, strideY: Int, scratch: FloatBuffer
    ) {
        DotProducts.run(
            n: headSize, queries, rows: rows, strideX: strideX, format, keys(head: head), rows: count,
            bytesPerRow: headSize &* bytesPerNumber, into: scores, strideY: strideY,
            scratch: scratch.reserve(DotProducts.scratchCount(n: headSize)))
    }

    /// The sums of the first `count` values (a multiple of 32), weighted by patterns of the rows: [rows, D].
    func multiplyValues(
        head: Int, _ patterns: UnsafePointer<Float>, rows: Int, strideX: Int, count: Int,
        into z: UnsafeMutablePointer<Float>, strideY: Int, scratch: FloatBuffer
    ) {
        DotProducts.run(
            n: count, patterns, rows: rows, strideX: strideX, format, values(head: head), rows: headSize,
            bytesPerRow: capacity &* bytesPerNumber, into: z, strideY: strideY,
            scratch: scratch.reserve(DotProducts.scratchCount(n: count)))
    }
}
