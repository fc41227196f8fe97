import DataFiles

/// The ranked merges of byte-pair encoding: which pairs of symbols merge, in which order, and into what.
///
/// Uses open addressing, keyed by the pair's two ids; a lookup is O(1).
struct MergeTable: Sendable {
    private struct Slot {
        var pair: UInt64
        var rank: UInt32
        var merged: Int32
    }

    private static let free = UInt64.max
    private var slots: [Slot]
    private var count = 0
    private let seed: UInt64

    init(minimumCapacity: Int = 0) {
        var generator = SystemRandomNumberGenerator()
        seed = generator.next()
        slots = Array(
            repeating: Slot(pair: Self.free, rank: 0, merged: 0),
            count: HashMixing.slotCount(for: minimumCapacity))
    }

    @inline(__always)
    private static func pair(_ left: Int32, _ right: Int32) -> UInt64 {
        UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
    }

    /// The merge of two symbols; nil if they don't merge.
    ///
    /// Negative ids never merge.
    @inline(__always)
    func merge(_ left: Int32, _ right: Int32) -> Merge? {
        if left < 0 || right < 0 { return nil }
        let slot = slots[slot(of: Self.pair(left, right))]
        return slot.pair == Self.free ? nil : Merge(priority: slot.rank, merged: slot.merged)
    }

    /// Adds a merge.
    ///
    /// - Parameter replacing: whether a pair that is already in the table takes the new rank (Hugging Face's library)
    ///   or keeps the old one (llama.cpp).
    mutating func add(_ left: Int32, _ right: Int32, rank: UInt32, merged: Int32, replacing: Bool) {
        precondition(left >= 0 && right >= 0, "A merge joins two symbols that have an id.")
        if (count + 1) * 2 > slots.count { grow() }
        let pair = Self.pair(left, right)
        let slot = slot(of: pair)
        if slots[slot].pair == Self.free {
            count += 1
        } else if !replacing {
            return
        }
        slots[slot] = Slot(pair: pair, rank: rank, merged: merged)
    }

    @inline(__always)
    private func slot(of pair: UInt64) -> Int {
        let mask = slots.count &- 1
        var slot = Int(truncatingIfNeeded: HashMixing.mix(pair, seed: seed)) & mask
        while slots[slot].pair != pair, slots[slot].pair != Self.free { slot = (slot &+ 1) & mask }
        return slot
    }

    private mutating func grow() {
        let old = slots
        slots = Array(repeating: Slot(pair: Self.free, rank: 0, merged: 0), count: old.count * 2)
        for entry in old where entry.pair != Self.free { slots[slot(of: entry.pair)] = entry }
    }
}

/// The merge of two neighbouring symbols; a lower priority number merges earlier.
struct Merge {
    var priority: UInt32
    var merged: Int32
}
