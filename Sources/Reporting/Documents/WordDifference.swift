/// Finds the words of a text that another text doesn't have: the changes that steering made.
///
/// The words that both texts share in the same order are a longest common subsequence (Wagner & Fischer 1974, "The
/// string-to-string correction problem"); all other words of the text are changed. Words are runs of letters and
/// digits. Any other character counts as a word of its own, as does each character of a script without spaces. Spaces
/// don't count.
public enum WordDifference {
    /// The stretches of `text` that are changed from `base`, in order.
    ///
    /// Adjacent words are one stretch together with the spaces between them; a line break ends a stretch.
    ///
    /// It takes O(n·m) time and memory (2 bytes per pair) for n and m words between the common start and the common end
    /// of both.
    ///
    /// - Parameter most: if n·m is larger than this, everything between the common start and end counts as changed. The
    ///   default, 4 million pairs (8 MB), allows two texts of almost 2000 words.
    public static func changes(from base: String, to text: String, most: Int = 4_000_000) -> [Range<String.Index>] {
        let (old, new) = (words(base), words(text))
        let (a, b) = (old.map { base[$0] }, new.map { text[$0] })
        var start = 0
        while start < min(a.count, b.count), a[start] == b[start] { start += 1 }
        var end = 0
        while end < min(a.count, b.count) - start, a[a.count - 1 - end] == b[b.count - 1 - end] { end += 1 }
        let kept = common(a[start..<a.count - end], b[start..<b.count - end], most: most)
        let changed = new.indices.filter { $0 >= start && $0 < new.count - end && !kept.contains($0) }
        return merged(changed.map { new[$0] }, in: text)
    }

    /// The positions in `b` of a longest common subsequence; if there are several, those of the first words that fit.
    private static func common(_ a: ArraySlice<Substring>, _ b: ArraySlice<Substring>, most: Int) -> Set<Int> {
        let (n, m) = (a.count, b.count)
        let (pairs, overflows) = (n + 1).multipliedReportingOverflow(by: m + 1)
        guard n > 0, m > 0, !overflows, pairs <= most, min(n, m) <= Int(UInt16.max) else { return [] }
        // Numbers compare faster than texts.
        var numbers: [Substring: Int] = [:]
        let (x, y) = (Self.numbered(a, &numbers), Self.numbered(b, &numbers))
        // lengths[i, j]: the length of a longest common subsequence of the words from i and from j on.
        var lengths = [UInt16](repeating: 0, count: pairs)
        let width = m + 1
        for i in stride(from: n - 1, through: 0, by: -1) {
            for j in stride(from: m - 1, through: 0, by: -1) {
                lengths[i * width + j] =
                    x[i] == y[j]
                    ? lengths[(i + 1) * width + j + 1] + 1
                    : max(lengths[(i + 1) * width + j], lengths[i * width + j + 1])
            }
        }
        var kept: Set<Int> = []
        var (i, j) = (0, 0)
        while i < n, j < m {
            if x[i] == y[j] {
                kept.insert(b.startIndex + j)
                (i, j) = (i + 1, j + 1)
            } else if lengths[(i + 1) * width + j] >= lengths[i * width + j + 1] {
                i += 1
            } else {
                j += 1
            }
        }
        return kept
    }

    private static func numbered(_ words: ArraySlice<Substring>, _ numbers: inout [Substring: Int]) -> [Int] {
        words.map { word in
            if let known = numbers[word] { return known }
            numbers[word] = numbers.count
            return numbers.count - 1
        }
    }

    /// The ranges of the words in a text.
    static func words(_ text: String) -> [Range<String.Index>] {
        var found: [Range<String.Index>] = []
        var start: String.Index?
        var index = text.startIndex
        while index < text.endIndex {
            let character = text[index]
            let next = text.index(after: index)
            let isJoined = character == "'" || character == "’"
            let joins = (character.isLetter || character.isNumber) && DisplayWidth.columns(of: character) < 2
            if joins || (isJoined && start != nil) {
                start = start ?? index
            } else {
                if let begun = start { found.append(begun..<index) }
                start = nil
                if !character.isWhitespace { found.append(index..<next) }
            }
            index = next
        }
        if let begun = start { found.append(begun..<text.endIndex) }
        return found
    }

    private static func merged(_ words: [Range<String.Index>], in text: String) -> [Range<String.Index>] {
        var result: [Range<String.Index>] = []
        for word in words {
            if let last = result.last,
                text[last.upperBound..<word.lowerBound].allSatisfy({ $0.isWhitespace && !$0.isNewline })
            {
                result[result.count - 1] = last.lowerBound..<word.upperBound
            } else {
                result.append(word)
            }
        }
        return result
    }
}
