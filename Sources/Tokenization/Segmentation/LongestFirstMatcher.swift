/// Finds special tokens as llama.cpp does: first the longest one everywhere in the text, then the next in the rest.
struct LongestFirstMatcher: Sendable {
    /// In order of decreasing length; patterns of equal length are in order of id.
    private let patterns: [SpecialPattern]
    private let trie: PatternTrie

    init(_ patterns: [SpecialPattern]) {
        self.patterns = patterns.sorted { ($1.bytes.count, $0.id) < ($0.bytes.count, $1.id) }
        trie = PatternTrie(self.patterns)
    }

    /// Splits a text at its special tokens.
    ///
    /// - Parameter parsing: whether all special tokens count, or only those that are always found.
    /// - Complexity: O(text · special tokens that occur in it).
    func segments(of text: UnsafeBufferPointer<UInt8>, parsing: Bool) -> [TextSegment] {
        guard !text.isEmpty else { return [] }
        var segments = [TextSegment.text(0..<text.count)]
        for (pattern, occurs) in zip(patterns, occurrences(in: text)) where occurs && (parsing || pattern.isAlwaysFound)
        {
            var next: [TextSegment] = []
            for segment in segments {
                if case .text(let range) = segment {
                    cut(range, of: text, at: pattern, into: &next)
                } else {
                    next.append(segment)
                }
            }
            segments = next
        }
        return segments
    }

    private func occurrences(in text: UnsafeBufferPointer<UInt8>) -> [Bool] {
        var occurs = [Bool](repeating: false, count: patterns.count)
        guard !patterns.isEmpty else { return occurs }
        for offset in 0..<text.count {
            trie.forEachMatch(in: text, at: offset, end: text.count) { number, _ in occurs[number] = true }
        }
        return occurs
    }

    private func cut(
        _ range: Range<Int>, of text: UnsafeBufferPointer<UInt8>, at pattern: SpecialPattern,
        into segments: inout [TextSegment]
    ) {
        var start = range.lowerBound
        while start < range.upperBound, let match = Self.find(pattern.bytes, in: text, range: start..<range.upperBound)
        {
            var left = match.lowerBound
            if pattern.stripsLeft { while left > start, Self.isSpace(text[left - 1]) { left -= 1 } }
            if left > start { segments.append(.text(start..<left)) }
            segments.append(.token(pattern.id))
            start = match.upperBound
            if pattern.stripsRight { while start < range.upperBound, Self.isSpace(text[start]) { start += 1 } }
        }
        if start < range.upperBound { segments.append(.text(start..<range.upperBound)) }
    }

    private static func find(
        _ pattern: [UInt8], in text: UnsafeBufferPointer<UInt8>, range: Range<Int>
    ) -> Range<Int>? {
        guard let first = pattern.first, pattern.count <= range.count else { return nil }
        var offset = range.lowerBound
        let last = range.upperBound - pattern.count
        while offset <= last {
            if text[offset] == first, text[offset..<offset + pattern.count].elementsEqual(pattern) {
                return offset..<offset + pattern.count
            }
            offset += 1
        }
        return nil
    }

    /// C's `isspace`.
    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}
