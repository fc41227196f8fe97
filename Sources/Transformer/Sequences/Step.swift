import TensorCore

/// A tensor to keep from a pass: only what is asked for, at the positions asked for.
public struct Read: Hashable, Sendable {
    /// Which tensor.
    public var site: Site
    /// Which positions of it are kept.
    public var positions: PositionRule

    /// A read; by default of the last prompt token and of each token after it.
    public init(_ site: Site, at positions: PositionRule = .last) {
        self.site = site
        self.positions = positions
    }
}

/// What one sequence does in one forward pass: some tokens that follow its past, with edits, reads, and the positions
/// whose logits are wanted.
public struct Step: Sendable {
    /// Which of the run's sequences.
    public var sequence: Int
    /// The tokens that follow, at least one.
    public var tokens: [Int]
    /// Changes of sites, carried out in this order where several concern the same values.
    ///
    /// They must be those that the sequence's past was computed under, as far as they concern it (a past that no edit of
    /// either list concerns fits any).
    public var edits: [Edit]
    /// Says that the edits differ from those of the past on purpose, as when a strength is changed while a text is
    /// generated: what is remembered stays as it was computed.
    public var changesEdits: Bool
    /// What is kept of the pass.
    public var reads: [Read]
    /// The positions whose logits are computed; nil for none. The default is the last prompt token's and each one's after it.
    public var logits: PositionRule?

    /// A step of the run's sequence with that number.
    ///
    /// - Parameters:
    ///   - sequence: the place in ``Run/sequences``; 0 by default, for a run of one.
    ///   - edits: those that the past was computed under, with `changesEdits` where they differ on purpose.
    ///   - logits: where logits are computed; by default for the last prompt token and each one after it, which is
    ///     what writing a text needs.
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

/// What a step asked for.
public struct StepResult: Sendable {
    /// The positions whose logits were asked for.
    public internal(set) var logitPositions: [Int] = []
    /// The logits, [positions asked for, V].
    public internal(set) var logits = Matrix(rows: 0, columns: 0)
    /// What the reads kept, in their order.
    public internal(set) var reads: [ReadResult] = []

    /// What was kept of a site, where it was read.
    public subscript(site: Site) -> ReadResult? { reads.first { $0.read.site == site } }
}

/// What one read kept.
public struct ReadResult: Sendable {
    /// What was asked for.
    public let read: Read
    /// The positions that were kept.
    public internal(set) var positions: [Int] = []
    /// The values, [positions, size of the site]; for the attention pattern H · T with T the length of the sequence
    /// after the step.
    public internal(set) var values = Matrix(rows: 0, columns: 0)
}
