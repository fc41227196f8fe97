/// A regular expression that splits texts, as used by pre-tokenizers.
final class SplitPattern: Sendable, Equatable {
    /// The pattern as it was written.
    let source: String
    private let program: PatternProgram
    /// The scalars that a match can begin with.
    private let first: ScalarSet

    /// - Throws: `PatternError` that names the error or the unsupported construct.
    /// - Complexity: O(pattern).
    init(_ source: String) throws(PatternError) {
        let node = try PatternParser.parse(source)
        guard node.shortest > 0 else { throw PatternError(construct: "a pattern that matches the empty text") }
        self.source = source
        program = try PatternProgram(node)
        first = node.first
    }

    static func == (left: SplitPattern, right: SplitPattern) -> Bool { left.source == right.source }

    /// Calls `body` with each match in a region, from left to right; each match begins as early as possible.
    ///
    /// - Throws: `PatternMatcher.TooSlow`.
    func forEachMatch(
        in region: Range<Int>, of scanner: TextScanner, _ body: (Range<Int>) -> Void
    ) throws(PatternMatcher.TooSlow) {
        var matcher = PatternMatcher(program, scanner, region)
        var offset = region.lowerBound
        while offset < region.upperBound {
            let element = scanner.element(at: offset, end: region.upperBound)
            if first.contains(element.value), let end = try matcher.matchEnd(at: offset) {
                body(offset..<end)
                offset = end
            } else {
                offset = element.next
            }
        }
    }
}
