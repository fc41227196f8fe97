import HeapModule

/// A piece of a word during merging: its id (negative for none) and its byte range in the text.
struct MergeSymbol {
    var id: Int32
    var start: UInt32
    var end: UInt32
    /// The priority of the merge with the next symbol; `.max` for none.
    var priority: UInt32 = .max
    var merged: Int32 = -1
    var previous: Int32 = -1
    var next: Int32 = -1

    init(id: Int32, start: Int, end: Int) {
        self.id = id
        self.start = UInt32(truncatingIfNeeded: start)
        self.end = UInt32(truncatingIfNeeded: end)
    }
}

/// Decides whether two neighbours merge, by their ids (ranked merges) or by the bytes that they cover (scored pieces).
protocol MergeRule {
    func merge(_ left: MergeSymbol, _ right: MergeSymbol) -> Merge?
}

/// Merges a word's symbols: repeatedly the pair with the lowest priority number, and the leftmost of equal pairs.
///
/// See Sennrich et al., "Neural Machine Translation of Rare Words with Subword Units", 2016.
///
/// In a short word, the best pair is searched again after each merge. A long word keeps its pairs in a heap, so that a
/// word of n symbols takes O(n log n). One merger handles many words and reuses its memory.
struct SymbolMerger {
    /// The symbols of the word; after `merge(by:)`, the remaining symbols in order.
    var symbols: [MergeSymbol] = []
    /// Up to this many symbols, searching is faster than the heap (measured).
    private static let searchLimit = 48

    mutating func merge(by rule: some MergeRule) {
        guard symbols.count > 1 else { return }
        if symbols.count <= Self.searchLimit { mergeBySearch(rule) } else { mergeByHeap(rule) }
    }

    private mutating func mergeBySearch(_ rule: some MergeRule) {
        let remaining = symbols.withUnsafeMutableBufferPointer { symbols in
            var count = symbols.count
            for index in 0..<count &- 1 { Self.update(symbols, index, index &+ 1, rule) }
            while count > 1 {
                var best = UInt32.max
                var left = 0
                for index in 0..<count &- 1 where symbols[index].priority < best {
                    best = symbols[index].priority
                    left = index
                }
                if best == .max { break }
                symbols[left].id = symbols[left].merged
                symbols[left].end = symbols[left &+ 1].end
                var index = left &+ 1
                while index &+ 1 < count {
                    symbols[index] = symbols[index &+ 1]
                    index &+= 1
                }
                count &-= 1
                if left > 0 { Self.update(symbols, left &- 1, left, rule) }
                if left &+ 1 < count { Self.update(symbols, left, left &+ 1, rule) }
            }
            return count
        }
        symbols.removeLast(symbols.count - remaining)
    }

    private mutating func mergeByHeap(_ rule: some MergeRule) {
        symbols.withUnsafeMutableBufferPointer { symbols in
            let count = symbols.count
            var pairs: [UInt64] = []
            pairs.reserveCapacity(count)
            for index in 0..<count {
                symbols[index].previous = Int32(truncatingIfNeeded: index &- 1)
                symbols[index].next = index &+ 1 < count ? Int32(truncatingIfNeeded: index &+ 1) : -1
                if index &+ 1 < count {
                    Self.update(symbols, index, index &+ 1, rule)
                    if let pair = Self.pair(symbols, index) { pairs.append(pair) }
                }
            }
            var heap = Heap(pairs)
            while let pair = heap.popMin() {
                let left = Int(truncatingIfNeeded: pair & 0xFFFF_FFFF)
                // Skips an entry for a symbol that is gone (priority .max) or for a pair that has changed since.
                guard symbols[left].priority == UInt32(truncatingIfNeeded: pair >> 32) else { continue }
                let right = Int(symbols[left].next)
                symbols[left].id = symbols[left].merged
                symbols[left].end = symbols[right].end
                symbols[left].next = symbols[right].next
                symbols[left].priority = .max
                symbols[right].priority = .max
                symbols[right].start = symbols[right].end
                if symbols[right].next >= 0 {
                    let next = Int(symbols[right].next)
                    symbols[next].previous = Int32(truncatingIfNeeded: left)
                    Self.update(symbols, left, next, rule)
                    if let pair = Self.pair(symbols, left) { heap.insert(pair) }
                }
                if symbols[left].previous >= 0 {
                    let previous = Int(symbols[left].previous)
                    Self.update(symbols, previous, left, rule)
                    if let pair = Self.pair(symbols, previous) { heap.insert(pair) }
                }
            }
        }
        symbols.removeAll { $0.start == $0.end }
    }

    @inline(__always)
    private static func update(
        _ symbols: UnsafeMutableBufferPointer<MergeSymbol>, _ left: Int, _ right: Int, _ rule: some MergeRule
    ) {
        let merge = rule.merge(symbols[left], symbols[right])
        symbols[left].priority = merge?.priority ?? .max
        symbols[left].merged = merge?.merged ?? -1
    }

    /// The heap's key for the pair that begins at `left`: its priority, then its position.
    @inline(__always)
    private static func pair(_ symbols: UnsafeMutableBufferPointer<MergeSymbol>, _ left: Int) -> UInt64? {
        let priority = symbols[left].priority
        return priority == .max ? nil : UInt64(priority) << 32 | UInt64(UInt32(truncatingIfNeeded: left))
    }
}
