extension StringProtocol {
    /// Without white space at both ends.
    package func trimmingWhitespace() -> SubSequence { trimming(\.isWhitespace) }

    /// Without the characters at both ends that `isDropped` holds for.
    package func trimming(_ isDropped: (Character) -> Bool) -> SubSequence {
        guard let first = firstIndex(where: { !isDropped($0) }), let last = lastIndex(where: { !isDropped($0) }) else {
            return self[endIndex..<endIndex]
        }
        return self[first...last]
    }
}
