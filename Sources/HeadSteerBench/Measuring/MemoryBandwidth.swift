import DataFiles
import TensorCore

/// How fast this machine reads memory: what bounds decoding, which reads every weight once for each token.
enum MemoryBandwidth {
    /// The bytes a second that the workers read of a buffer: the median of some passes, for on a machine that others share
    /// the best may be twice what anyone gets for long.
    ///
    /// Sums 64-bit integers: eight independent sums for each worker, far less work than the reading takes.
    ///
    /// - Parameters:
    ///   - size: the buffer's size in bytes, that of the model, so that caches help as much as they help the model.
    ///   - passes: how often the buffer is read.
    static func bytesPerSecond(size: Int, workers: WorkerPool, passes: Int = 25) -> Double {
        let tile = 1 << 14
        let vectors = max(size / (64 * tile), 1) * tile
        let buffer = UnsafeMutablePointer<SIMD8<UInt64>>.allocate(capacity: vectors)
        buffer.initialize(repeating: SIMD8(repeating: 1), count: vectors)
        defer { buffer.deallocate() }
        let tiles = vectors / tile
        let sums = UnsafeMutablePointer<UInt64>.allocate(capacity: tiles)
        sums.initialize(repeating: 0, count: tiles)
        defer { sums.deallocate() }
        var seconds: [Double] = []
        for _ in 0..<passes {
            let pass = Stopwatch.seconds {
                workers.run(tiles) { index, _ in
                    sums[index] = sum(buffer + index * tile, count: tile)
                }
            }
            seconds.append(pass)
        }
        // The sums are used, so that no compiler leaves the reading out.
        let total = (0..<tiles).reduce(UInt64(0)) { $0 &+ sums[$1] }
        precondition(total == UInt64(vectors * 8), "Every value was read once.")
        return Double(vectors * 64) / Spread(seconds).median
    }

    @inline(never)
    private static func sum(_ values: UnsafePointer<SIMD8<UInt64>>, count: Int) -> UInt64 {
        var a = SIMD8<UInt64>(repeating: 0)
        var b = a
        var c = a
        var d = a
        for i in stride(from: 0, to: count, by: 4) {
            a &+= values[i]
            b &+= values[i + 1]
            c &+= values[i + 2]
            d &+= values[i + 3]
        }
        return (a &+ b &+ c &+ d).wrappedSum()
    }
}
