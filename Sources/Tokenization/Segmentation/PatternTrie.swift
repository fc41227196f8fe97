/// A trie over bytes that holds all patterns and finds those that begin at an offset of a text.
struct PatternTrie: Sendable {
    private var edges = MergeTable()
    /// For each node, the pattern that ends there; -1 for none.
    private var ends: [Int32] = [-1]
    /// The nodes of the first bytes, 0 for none; this rules out nearly every offset at once.
    private var roots = [Int32](repeating: 0, count: 256)

    /// - Parameter patterns: the patterns; if two are equal, the first one counts. Empty patterns are never found.
    init(_ patterns: [SpecialPattern]) {
        for (number, pattern) in patterns.enumerated() {
            guard let first = pattern.bytes.first else { continue }
            if roots[Int(first)] == 0 { roots[Int(first)] = addNode() }
            var node = roots[Int(first)]
            for byte in pattern.bytes.dropFirst() {
                if let next = edges.merge(node, Int32(byte)) {
                    node = next.merged
                } else {
                    let next = addNode()
                    edges.add(node, Int32(byte), rank: 0, merged: next, replacing: false)
                    node = next
                }
            }
            if ends[Int(node)] < 0 { ends[Int(node)] = Int32(truncatingIfNeeded: number) }
        }
    }

    private mutating func addNode() -> Int32 {
        ends.append(-1)
        return Int32(truncatingIfNeeded: ends.count - 1)
    }

    /// Calls `body` with the number and the end of each pattern that begins at `offset`, the shortest first.
    @inline(__always)
    func forEachMatch(in text: UnsafeBufferPointer<UInt8>, at offset: Int, end: Int, _ body: (Int, Int) -> Void) {
        var node = roots[Int(text[offset])]
        var next = offset &+ 1
        while node > 0 {
            if ends[Int(node)] >= 0 { body(Int(ends[Int(node)]), next) }
            guard next < end, let edge = edges.merge(node, Int32(text[next])) else { return }
            node = edge.merged
            next &+= 1
        }
    }
}
