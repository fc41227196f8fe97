/// Finds added tokens as Hugging Face's library does: from left to right, and the longest at each position.
struct LeftmostLongestMatcher: Sendable {
    private let patterns: [SpecialPattern]
    private let trie: PatternTrie

    init(_ patterns: [SpecialPattern]) {
        self.patterns = patterns
        trie = PatternTrie(patterns)
    }

    /// Splits a part of a text at its added tokens.
    ///
    /// - Parameter parsing: whether special tokens count; if not, the text of a special token is skipped as a whole.
    func segments(of range: Range<Int>, in text: UnsafeBufferPointer<UInt8>, parsing: Bool) -> [TextSegment] {
        guard !range.isEmpty else { return [] }
        guard !patterns.isEmpty else { return [.text(range)] }
        var segments: [TextSegment] = []
        var start = range.lowerBound
        var offset = range.lowerBound
        while offset < range.upperBound {
            var found: (number: Int, end: Int)?
            trie.forEachMatch(in: text, at: offset, end: range.upperBound) { found = ($0, $1) }
            guard let match = found else {
                offset += 1
                continue
            }
            let pattern = patterns[match.number]
            let matched = offset..<match.end
            offset = match.end
            if !parsing, !pattern.isAlwaysFound { continue }
            if pattern.isSingleWord, !Self.isSingleWord(matched, in: text, within: range) { continue }
            var left = matched.lowerBound
            if pattern.stripsLeft {
                left = Self.startOfWhiteSpace(before: left, downTo: start, in: text)
            }
            if start < left { segments.append(.text(start..<left)) }
            segments.append(.token(pattern.id))
            if pattern.stripsRight {
                offset = Self.endOfWhiteSpace(from: offset, upTo: range.upperBound, in: text)
            }
            start = offset
        }
        if start < range.upperBound { segments.append(.text(start..<range.upperBound)) }
        return segments
    }

    private static func isSingleWord(
        _ match: Range<Int>, in text: UnsafeBufferPointer<UInt8>, within range: Range<Int>
    ) -> Bool {
        func isWord(_ scalar: Unicode.Scalar?) -> Bool { scalar.map(Self.isWord) ?? false }
        let before = String(decoding: text[range.lowerBound..<match.lowerBound].suffix(4), as: UTF8.self)
        let after = String(decoding: text[match.upperBound..<range.upperBound].prefix(4), as: UTF8.self)
        return !isWord(before.unicodeScalars.last) && !isWord(after.unicodeScalars.first)
    }

    /// `\w`: letters, marks, digits, connectors and joiners.
    private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber, .connectorPunctuation: true
        default: scalar.properties.isAlphabetic || scalar.properties.isJoinControl
        }
    }

    private static func startOfWhiteSpace(
        before offset: Int, downTo start: Int, in text: UnsafeBufferPointer<UInt8>
    ) -> Int {
        var offset = offset
        while offset > start {
            var previous = offset - 1
            while previous > start, text[previous] & 0xC0 == 0x80 { previous -= 1 }
            let scalar = String(decoding: text[previous..<offset], as: UTF8.self).unicodeScalars.first
            guard scalar?.properties.isWhitespace == true else { break }
            offset = previous
        }
        return offset
    }

    private static func endOfWhiteSpace(from offset: Int, upTo end: Int, in text: UnsafeBufferPointer<UInt8>) -> Int {
        var offset = offset
        while offset < end {
            var next = offset + 1
            while next < end, text[next] & 0xC0 == 0x80 { next += 1 }
            let scalar = String(decoding: text[offset..<next], as: UTF8.self).unicodeScalars.first
            guard scalar?.properties.isWhitespace == true else { break }
            offset = next
        }
        return offset
    }
}
