import TensorCore

/// A tensor to keep from a pass, at the given positions only.
public struct Read: Hashable, Sendable {
    /// The tensor to keep.
    public var site: Site
    /// The positions at which it is kept.
    public var positions: PositionRule

    /// A read; by default at the last prompt token and at each token after it.
    public init(_ site: Site, at positions: PositionRule = .last) {
        self.site = site
        self.positions = positions
    }
}

/// One sequence's part in one forward pass: the tokens that follow its past, with edits, reads, and the positions whose
/// logits are wanted.
public struct Step: Sendable {
    /// The index of the sequence in the run.
    public var sequence: Int
    /// The tokens that follow, at least one.
    public var tokens: [Int]
    /// Changes of sites, applied in this order if several change the same values.
    ///
    /// They must agree with the edits that the sequence's past was computed under, as far as either apply to the past.
    /// A past to which no edit of either list applies fits any edits.
    public var edits: [Edit]
    /// Whether the edits differ from those of the past on purpose, as when a strength is changed while a text is
    /// generated.
    ///
    /// The keys and values of the past stay as they were computed.
    public var changesEdits: Bool
    /// What to keep of the pass.
    public var reads: [Read]
    /// The positions whose logits are computed; nil for none. The default is the last prompt token and every token
    /// after it.
    public var logits: PositionRule?

    /// A step of one of the run's sequences.
    ///
    /// - Parameters:
    ///   - sequence: the index in ``Run/sequences``; 0 by default, for a run with one sequence.
    ///   - edits: those that the past was computed under; if they differ on purpose, set `changesEdits`.
    ///   - logits: where logits are computed; by default at the last prompt token and every token after it, as
    ///     generating a text needs.
    public init(
        sequence: Int = 0, tokens: [Int], edits: [Edit] = [], changesEdits: Bool = false, reads: [Read] = [],
        logits: PositionRule? = .last
    ) {
        self.sequence = sequence
        self.tokens = tokens
        self.edits = edits
        self.changesEdits = changesEdits
        self.reads = reads
        self.logits = logits
    }
}

/// The result of a step.
public struct StepResult: Sendable {
    /// The positions whose logits were requested.
    public internal(set) var logitPositions: [Int] = []
    /// The logits, [requested positions, V].
    public internal(set) var logits = Matrix(rows: 0, columns: 0)
    /// What the reads kept, in the order of the reads.
    public internal(set) var reads: [ReadResult] = []

    /// The result of the first read of a site; nil if the site wasn't read.
    public subscript(site: Site) -> ReadResult? { reads.first { $0.read.site == site } }
}

/// The values that one read kept.
public struct ReadResult: Sendable {
    /// The read that this is the result of.
    public let read: Read
    /// The positions that were kept.
    public internal(set) var positions: [Int] = []
    /// The values, [positions, size of the site].
    ///
    /// The attention pattern has H · T values per position, where T is the length of the sequence after the step.
    public internal(set) var values = Matrix(rows: 0, columns: 0)
}
