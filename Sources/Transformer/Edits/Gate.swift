/// A condition of an edit: the edit is applied only where a probe's score at a head (or another site) allows it.
///
/// The score of a position is x · u − threshold, where x is the n values of the gate's site there, before any edit of
/// that same site (but after edits of earlier sites).
public struct Gate: Hashable, Sendable {
    /// How long a gate that has opened stays open.
    public enum Mode: String, Hashable, Sendable, CaseIterable {
        /// Each position is decided by its own score.
        case token
        /// The gate stays open from the first position that opens it, for the rest of the sequence.
        ///
        /// Only positions that were computed under the edit count, even those that the edit's own rule leaves out. An
        /// edit that changes nothing, such as one of strength 0, doesn't look at its gate.
        case latched
    }

    /// The tensor that is read; in a pass, it must not come after the edited one.
    public var site: Site
    /// The head to read, for a site that has heads; nil for all of a position's values.
    public var head: Int?
    /// u, [n]
    public var direction: [Float]
    /// The number that is subtracted from u · x to give the score.
    public var threshold: Float
    /// Whether scores above 0 open the gate; if false, scores below 0 do.
    public var opensAbove: Bool
    /// Which positions a score decides about: only its own, or also all that follow.
    public var mode: Mode
    /// The positions that can open the gate.
    public var positions: PositionRule

    /// A gate; by default it looks at each position by itself and opens above the threshold.
    ///
    /// - Precondition: `direction` has as many values as the site or the head has.
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

    /// The range of the site's values at one position that the gate reads.
    func range(_ configuration: ModelConfiguration) -> Range<Int> {
        guard let head else { return 0..<site.size(configuration) }
        return (head * configuration.headSize)..<((head + 1) * configuration.headSize)
    }
}
