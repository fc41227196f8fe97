extension StringProtocol {
    /// The text without white space at both ends.
    package func trimmingWhitespace() -> SubSequence { trimming(\.isWhitespace) }

    /// The text without the characters at both ends for which `isDropped` is true.
    package func trimming(_ isDropped: (Character) -> Bool) -> SubSequence {
        guard let first = firstIndex(where: { !isDropped($0) }), let last = lastIndex(where: { !isDropped($0) }) else {
            return self[endIndex..<endIndex]
        }
        return self[first...last]
    }
}
