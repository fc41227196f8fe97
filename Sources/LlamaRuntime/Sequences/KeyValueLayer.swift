import TensorCore

/// One layer's keys and values of one sequence: addresses, nothing that is counted.
struct KeyValueLayer {
    /// [K, capacity, D]
    let keys: UnsafeMutableRawPointer
    /// [K, D, capacity]
    let values: UnsafeMutableRawPointer
    /// Whether they are in half precision.
    let isHalf: Bool
    let headSize: Int
    let capacity: Int

    private func head(_ start: UnsafeMutableRawPointer, _ head: Int) -> UnsafeMutableRawPointer {
        start + head &* capacity &* headSize &* (isHalf ? 2 : 4)
    }

    /// Writes one position's rotated key and its value, [D] each.
    func store(
        head index: Int, position: Int, key: UnsafePointer<Float>, value: UnsafePointer<Float>,
        scratch: UnsafeMutablePointer<Float>
    ) {
        let keys = head(self.keys, index)
        let values = head(self.values, index)
        if isHalf {
            let halves = keys.assumingMemoryBound(to: UInt16.self)
            HalfPrecision.pack(key, count: headSize, into: halves + position &* headSize)
            let packed = UnsafeMutableRawPointer(scratch).assumingMemoryBound(to: UInt16.self)
            HalfPrecision.pack(value, count: headSize, into: packed)
            let columns = values.assumingMemoryBound(to: UInt16.self)
            for column in 0..<headSize { columns[column &* capacity &+ position] = packed[column] }
        } else {
            let floats = keys.assumingMemoryBound(to: Float.self)
            (floats + position &* headSize).update(from: key, count: headSize)
            let columns = values.assumingMemoryBound(to: Float.self)
            for column in 0..<headSize { columns[column &* capacity &+ position] = value[column] }
        }
    }

    /// The products of queries with the first `count` keys: scores, [queries, count] with rows `strideY` apart.
    func multiplyKeys(
        head index: Int, _ queries: UnsafePointer<Float>, rows: Int, strideX: Int, count: Int,
        into scores: UnsafeMutablePointer<Float>, strideY: Int, scratch: FloatBuffer
    ) {
        let keys = head(self.keys, index)
        if isHalf {
            DotProducts.run(
                n: headSize, queries, rows: rows, strideX: strideX, half: keys, rows: count, strideW: headSize,
                into: scores, strideY: strideY, scratch: scratch.reserve(DotProducts.scratchCount(n: headSize)))
        } else {
            DotProducts.run(
                n: headSize, queries, rows: rows, strideX: strideX, keys.assumingMemoryBound(to: Float.self),
                rows: count, strideW: headSize, into: scores, strideY: strideY)
        }
    }

    /// The sums of the first `count` values (a multiple of 32), weighted by patterns of the rows: [rows, D].
    func multiplyValues(
        head index: Int, _ patterns: UnsafePointer<Float>, rows: Int, strideX: Int, count: Int,
        into z: UnsafeMutablePointer<Float>, strideY: Int, scratch: FloatBuffer
    ) {
        let values = head(self.values, index)
        if isHalf {
            DotProducts.run(
                n: count, patterns, rows: rows, strideX: strideX, half: values, rows: headSize, strideW: capacity,
                into: z, strideY: strideY, scratch: scratch.reserve(DotProducts.scratchCount(n: count)))
        } else {
            DotProducts.run(
                n: count, patterns, rows: rows, strideX: strideX, values.assumingMemoryBound(to: Float.self),
                rows: headSize, strideW: capacity, into: z, strideY: strideY)
        }
    }
}
