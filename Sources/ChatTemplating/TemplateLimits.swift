/// The resources that a template may use.
///
/// Templates come with a model's files, from anyone, and must not be able to hang or exhaust the program.
public struct TemplateLimits: Sendable, Hashable {
    /// Evaluated nodes, list elements touched, and 64-character stretches of text scanned.
    ///
    /// Default 2 million: a hundred times what long conversations with tools need, and about a second.
    public var steps: Int
    /// Unicode scalars in all intermediate and final strings together.
    ///
    /// Default 16 million.
    public var characters: Int
    /// Nesting of the template's syntax, of evaluation (including macros and recursive loops) and of lists in lists.
    ///
    /// Default 200, from 1 to 2000; a macro that calls itself takes about six levels each time.
    public let depth: Int
    /// Elements of one `range()`.
    ///
    /// Default 100 000, as in Python's sandbox.
    public var rangeCount: Int
    /// UTF-8 bytes of the template's source.
    ///
    /// Default 4 MiB.
    public var sourceBytes: Int

    /// Creates limits, each with a default; `depth` is clamped to its range.
    public init(
        steps: Int = 2_000_000, characters: Int = 16_000_000, depth: Int = 200, rangeCount: Int = 100_000,
        sourceBytes: Int = 4 << 20
    ) {
        self.steps = steps
        self.characters = characters
        self.depth = min(max(depth, 1), 2000)
        self.rangeCount = rangeCount
        self.sourceBytes = sourceBytes
    }

    /// The default limits, which allow conversations of up to about 2 MB.
    public static let `default` = TemplateLimits()
}
