import DataFiles

/// A change of one site's values at some positions, given to a run; it is a value, and nothing is installed in the
/// model.
public struct Edit: Sendable {
    /// The tensor to edit: any but the attention pattern, which a pass refuses.
    public var site: Site
    /// The head to edit, for a site that has heads; nil for all of a position's values.
    ///
    /// It is a query head for z, queries and rotated queries, and a key-value head for keys and values.
    public var head: Int?
    /// The positions of the sequence that are edited.
    public var positions: PositionRule
    /// How the values are changed there.
    public var change: Change
    /// Whether the values are scaled to the norm that they had before, so that the edit turns them but doesn't make
    /// them longer or shorter.
    ///
    /// Values whose norm becomes 0 stay so.
    public var keepsNorm: Bool
    /// How much of the change is made as the text grows.
    public var schedule: Schedule
    /// Where the change is made at all; nil for all positions that `positions` includes.
    public var gate: Gate?

    /// An edit of one site.
    ///
    /// - Parameters:
    ///   - site: the tensor; `.z(layer)` is the input of the output projection.
    ///   - head: the head whose values are edited; nil for all.
    ///   - keepsNorm: whether the values keep their norm; by default they don't, as in the published methods that add.
    ///   - schedule: how much of the change is made as the text grows; by default all of it at each position.
    ///   - gate: where the change is made at all; by default at all positions that `positions` includes.
    public init(
        _ site: Site, head: Int? = nil, positions: PositionRule, keepsNorm: Bool = false,
        schedule: Schedule = .constant, gate: Gate? = nil, _ change: Change
    ) {
        self.site = site
        self.head = head
        self.positions = positions
        self.keepsNorm = keepsNorm
        self.schedule = schedule
        self.gate = gate
        self.change = change
    }

    /// An edit of one head's z, the input of the output projection.
    public static func z(layer: Int, head: Int, positions: PositionRule, _ change: Change) -> Edit {
        Edit(.z(layer), head: head, positions: positions, change)
    }

    /// The range of the site's values at one position that the edit changes.
    package func range(_ configuration: ModelConfiguration) -> Range<Int> {
        guard let head else { return 0..<site.size(configuration) }
        return (head * configuration.headSize)..<((head + 1) * configuration.headSize)
    }

    /// Whether the edit leaves everything bit for bit as it is, wherever it is applied.
    package var isIdentity: Bool {
        if case .first(let count) = schedule, count <= 0 { return true }
        return change.isIdentity
    }

    /// Whether the edit affects what a sequence remembers of its first tokens: it may change something there, or they
    /// may open its latched gate.
    ///
    /// - Parameter tokens: the tokens at the positions 0 ..< tokens.count.
    package func concernsAny(of tokens: [Int], promptCount: Int) -> Bool {
        if isIdentity { return false }
        if let gate, gate.mode == .latched, gate.positions.concernsAny(of: tokens, promptCount: promptCount) {
            return true
        }
        // `first(n)` ends at the position P − 1 + n. A difference is compared with n, so that no n is too large.
        if case .first(let count) = schedule, tokens.count - (promptCount - 1) > count {
            return positions.concernsAny(of: Array(tokens.prefix(promptCount - 1 + count)), promptCount: promptCount)
        }
        return positions.concernsAny(of: tokens, promptCount: promptCount)
    }
}

/// How an edit changes the n values that it applies to; n = D for one head.
public enum Change: Sendable {
    /// x + v, v: [n].
    case add([Float])
    /// x · a.
    case scale(Float)
    /// x ⊙ v, value by value, v: [n].
    case multiply([Float])
    /// 0.
    case zero
    /// v, [n].
    case replace([Float])
    /// x − (x·u) u with u: [n] a unit vector.
    case projectOut([Float])
    /// x with its component along the unit vector u: [n] set to a value: x + (a − x·u) u.
    case setComponent([Float], Float)
    /// x − 2 (x·u) u with u: [n] a unit vector.
    case reflect([Float])
    /// x turned towards the unit vector u: [n] by an angle in degrees within the plane of both, with its norm kept.
    ///
    /// If x is along u, there is no such plane, and x stays as it is.
    case rotate([Float], degrees: Float)
    /// Any change: the closure gets the n values and their place.
    ///
    /// When a run checks whether a sequence's past was computed under other edits, two custom changes count as the
    /// same.
    case custom(@Sendable (_ values: UnsafeMutableBufferPointer<Float>, _ place: EditPlace) -> Void)

    /// Whether the change leaves everything bit for bit as it is; such an edit is not applied at all.
    public var isIdentity: Bool {
        switch self {
        case .add(let vector): vector.allSatisfy { $0 == 0 }
        case .scale(let factor): factor == 1
        case .multiply(let vector): vector.allSatisfy { $0 == 1 }
        case .rotate(_, let degrees): degrees == 0
        default: false
        }
    }

    var vectorCount: Int? {
        switch self {
        case .add(let v), .multiply(let v), .replace(let v), .projectOut(let v), .setComponent(let v, _),
            .reflect(let v),
            .rotate(let v, _):
            v.count
        case .scale, .zero, .custom: nil
        }
    }
}

/// The place where an edit is applied.
public struct EditPlace: Sendable {
    /// The position in the sequence.
    public let position: Int
    /// The token at that position.
    public let token: Int
    /// P: the number of tokens in the sequence's prompt.
    public let promptCount: Int
}
