import DataFiles
import TensorCore

/// The speed at which this machine reads memory, which limits decoding, since every token needs every weight once.
enum MemoryBandwidth {
    /// The bytes per second at which the workers read a buffer, as the median of some passes.
    ///
    /// On a machine that others share, the best pass may be twice as fast as what anyone gets for long.
    ///
    /// It sums 64-bit integers: four independent vectors of eight sums for each worker, far less work than the reading
    /// takes.
    ///
    /// - Parameters:
    ///   - size: the buffer's size in bytes; use that of the model, so that caches help as much as they help the model.
    ///   - passes: the number of times that the buffer is read.
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
