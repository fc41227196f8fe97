/// A set of Unicode scalars, kept as sorted ranges: the scalars that a character class of a pattern matches.
struct ScalarSet: Sendable, Equatable {
    /// Ascending, disjoint and not adjacent.
    private(set) var ranges: [ClosedRange<UInt32>]
    /// The scalars below 64 and below 128, one bit each, so that nearly every lookup ends here.
    private var low: UInt64 = 0
    private var high: UInt64 = 0

    static let empty = ScalarSet([])
    /// All scalars.
    static let all = ScalarSet([0...0x10_FFFF])

    /// - Parameter ranges: in any order; they may overlap.
    init(_ ranges: [ClosedRange<UInt32>]) {
        var merged: [ClosedRange<UInt32>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = merged.last, range.lowerBound <= last.upperBound &+ 1 {
                merged[merged.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
            } else {
                merged.append(range)
            }
        }
        self.ranges = merged
        for value in UInt32(0)..<128 where merged.contains(where: { $0.contains(value) }) {
            if value < 64 { low |= 1 << UInt64(value) } else { high |= 1 << UInt64(value - 64) }
        }
    }

    init(_ scalar: Unicode.Scalar) { self.init([scalar.value...scalar.value]) }

    /// - Complexity: O(1) for ASCII, else O(log ranges).
    @inline(__always)
    func contains(_ value: UInt32) -> Bool {
        if value < 64 { return low >> UInt64(value) & 1 != 0 }
        if value < 128 { return high >> UInt64(value &- 64) & 1 != 0 }
        return containsBeyondASCII(value)
    }

    private func containsBeyondASCII(_ value: UInt32) -> Bool {
        var first = 0
        var count = ranges.count
        while count > 0 {
            let half = count / 2
            if ranges[first + half].upperBound < value {
                first += half + 1
                count -= half + 1
            } else {
                count = half
            }
        }
        return first < ranges.count && ranges[first].lowerBound <= value
    }

    func union(_ other: ScalarSet) -> ScalarSet { ScalarSet(ranges + other.ranges) }

    /// The scalars that are not in the set.
    var inverted: ScalarSet {
        var result: [ClosedRange<UInt32>] = []
        var next: UInt32 = 0
        for range in ranges {
            if range.lowerBound > next { result.append(next...range.lowerBound - 1) }
            next = range.upperBound + 1
        }
        if next <= 0x10_FFFF { result.append(next...0x10_FFFF) }
        return ScalarSet(result)
    }

    func intersection(_ other: ScalarSet) -> ScalarSet { inverted.union(other.inverted).inverted }
}
