import DataFiles

/// The area under the ROC curve without an interval, for very many scorings: O(n) each, exact, ties counting one half.
///
/// It keeps scratch memory, so one value serves one thread.
package final class RankedArea {
    private var buckets: [Int32] = []
    private var bucketOfRow: [Int32] = []
    private var keys: [UInt64] = []

    /// Below this number of rows, counting all pairs is faster than sorting.
    private static let fewRows = 128

    package init() {}

    /// The area of scores, which must be finite; 0.5 if a class is missing.
    package func area(_ scores: UnsafePointer<Float>, _ labels: UnsafePointer<UInt8>, count n: Int) -> Double {
        var trues = 0
        for row in 0..<n { trues &+= Int(labels[row]) }
        guard trues > 0, trues < n else { return 0.5 }
        precondition(n < 1 << 23, "Areas of this many rows need another method.")
        let halves =
            n <= Self.fewRows
            ? halvesByPairs(scores, labels, count: n) : halvesBySorting(scores, labels, count: n)
        return Double(halves) / 2 / Double(trues * (n - trues))
    }

    /// Twice the number of pairs whose true row scores higher, with ties counting once.
    private func halvesByPairs(_ scores: UnsafePointer<Float>, _ labels: UnsafePointer<UInt8>, count n: Int) -> Int {
        withUnsafeTemporaryAllocation(of: Float.self, capacity: n) { falses in
            var count = 0
            for row in 0..<n where labels[row] == 0 {
                falses[count] = scores[row]
                count &+= 1
            }
            var halves: Int32 = 0
            for row in 0..<n where labels[row] != 0 {
                let score = scores[row]
                for index in 0..<count {
                    halves &+= (score > falses[index] ? 1 : 0) &+ (score >= falses[index] ? 1 : 0)
                }
            }
            return Int(halves)
        }
    }

    /// Sorts into as many buckets as rows, which leaves little for the insertion sort that follows.
    private func halvesBySorting(_ scores: UnsafePointer<Float>, _ labels: UnsafePointer<UInt8>, count n: Int) -> Int {
        if keys.count < n {
            keys = Array(repeating: 0, count: n)
            bucketOfRow = Array(repeating: 0, count: n)
            buckets = Array(repeating: 0, count: n + 1)
        }
        var (low, high) = (scores[0], scores[0])
        for row in 0..<n {
            let score = scores[row]
            low = score < low ? score : low
            high = score > high ? score : high
        }
        let scale = high > low ? Float(n - 1) / (high - low) : 0
        // Scores so close together or so far apart that the quotient isn't finite all go into one bucket.
        let step = scale.isFinite ? scale : 0
        return keys.withUnsafeMutableBufferPointer { keys in
            bucketOfRow.withUnsafeMutableBufferPointer { bucketOfRow in
                buckets.withUnsafeMutableBufferPointer { buckets in
                    buckets.update(repeating: 0)
                    for row in 0..<n {
                        // Adding 2²³ leaves the rounded quotient, at most n − 1, in the lowest bits.
                        let quotient = (scores[row] - low) * step + 8_388_608
                        let bucket = Int32(truncatingIfNeeded: quotient.bitPattern & 0x7F_FFFF)
                        bucketOfRow[row] = bucket
                        buckets[Int(bucket) &+ 1] &+= 1
                    }
                    for bucket in 0..<n { buckets[bucket &+ 1] &+= buckets[bucket] }
                    for row in 0..<n {
                        let bucket = Int(bucketOfRow[row])
                        keys[Int(buckets[bucket])] = Self.ordered(scores[row]) << 1 | UInt64(labels[row])
                        buckets[bucket] &+= 1
                    }
                    Self.insertionSort(keys, count: n)
                    return Self.halves(keys, count: n)
                }
            }
        }
    }

    /// A number that grows with the score; −0 counts as 0.
    private static func ordered(_ score: Float) -> UInt64 {
        let bits = (score + 0).bitPattern
        return UInt64(bits ^ (bits >> 31 == 0 ? 0x8000_0000 : 0xFFFF_FFFF))
    }

    private static func insertionSort(_ keys: UnsafeMutableBufferPointer<UInt64>, count n: Int) {
        for slot in 1..<n {
            let key = keys[slot]
            var hole = slot
            while hole > 0, keys[hole &- 1] > key {
                keys[hole] = keys[hole &- 1]
                hole &-= 1
            }
            keys[hole] = key
        }
    }

    private static func halves(_ keys: UnsafeMutableBufferPointer<UInt64>, count n: Int) -> Int {
        var (halves, falsesBelow, slot) = (0, 0, 0)
        while slot < n {
            let key = keys[slot]
            let isTrue = Int(truncatingIfNeeded: key & 1)
            if slot &+ 1 == n || keys[slot &+ 1] >> 1 != key >> 1 {
                halves &+= isTrue &* 2 &* falsesBelow
                falsesBelow &+= 1 &- isTrue
                slot &+= 1
                continue
            }
            var (trues, falses) = (0, 0)
            while slot < n, keys[slot] >> 1 == key >> 1 {
                trues &+= Int(truncatingIfNeeded: keys[slot] & 1)
                falses &+= 1 &- Int(truncatingIfNeeded: keys[slot] & 1)
                slot &+= 1
            }
            halves &+= trues &* (2 &* falsesBelow &+ falses)
            falsesBelow &+= falses
        }
        return halves
    }
}
