/// A condition of an edit: it is carried out only where a probe's score at a head (or another site) says so.
///
/// The score of a position is x · u − threshold, x being the n values of the gate's site there, as they are before any edit
/// of that very site (edits of earlier sites have their effect).
public struct Gate: Hashable, Sendable {
    /// How long a gate that has opened stays open.
    public enum Mode: String, Hashable, Sendable, CaseIterable {
        /// Each position is judged by its own score.
        case token
        /// From the first position that opens it on, for the rest of the sequence. A position counts from which the edit was
        /// there to be made: one that changes nothing, as a strength of 0, doesn't look at its gate.
        case latched
    }

    /// Which tensor is read; it must not come after the edited one in a pass.
    public var site: Site
    /// Which head of a site that has heads; nil for all of a position's values.
    public var head: Int?
    /// u, [n]
    public var direction: [Float]
    /// What is subtracted from u · x; the score is what is left.
    public var threshold: Float
    /// Whether scores above 0 open the gate; else those below.
    public var opensAbove: Bool
    /// What a score decides about: its own position, or all that follow.
    public var mode: Mode
    /// The positions that can open it.
    public var positions: PositionRule

    /// A gate; by default it looks at each position by itself and opens above the threshold.
    /// - Precondition: `direction` has as many values as the site, or the head, has.
    public init(
        _ site: Site, head: Int? = nil, direction: [Float], threshold: Float, opensAbove: Bool = true,
        mode: Mode = .token, positions: PositionRule = .all
    ) {
        self.site = site
        self.head = head
        self.direction = direction
        self.threshold = threshold
        self.opensAbove = opensAbove
        self.mode = mode
        self.positions = positions
    }

    /// x · u − threshold, in double precision.
    func score(_ x: UnsafePointer<Float>) -> Double {
        var sum = 0.0
        for i in direction.indices { sum += Double(x[i]) * Double(direction[i]) }
        return sum - Double(threshold)
    }

    func opens(_ x: UnsafePointer<Float>) -> Bool { opensAbove ? score(x) > 0 : score(x) < 0 }

    /// The values of one position that the gate reads.
    func range(_ configuration: ModelConfiguration) -> Range<Int> {
        guard let head else { return 0..<site.size(configuration) }
        return (head * configuration.headSize)..<((head + 1) * configuration.headSize)
    }
}
