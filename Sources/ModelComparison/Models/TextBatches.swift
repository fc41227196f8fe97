/// Which texts go through a model together; passes of many rows take less time for each.
enum TextBatches {
    /// Consecutive texts with at most this many tokens together; a longer one is alone.
    static func ranges(_ counts: [Int], tokens most: Int) -> [Range<Int>] {
        var found: [Range<Int>] = []
        var (start, sum) = (0, 0)
        for (index, count) in counts.enumerated() {
            if index > start, sum + count > most {
                found.append(start..<index)
                (start, sum) = (index, 0)
            }
            sum += count
        }
        if start < counts.count { found.append(start..<counts.count) }
        return found
    }
}
