/// The edits that affect what a sequence remembers of its past.
///
/// The keys and values of a position depend on the edits that apply to it, and what follows depends on the latched
/// gates that it has opened. A past may go on under other edits only if these apply to it in the same way; otherwise it
/// has to be recomputed. ``Run/advance(_:stoppingAfter:)`` uses this to check that a prefix computed under one plan is
/// not used under another.
struct PastEdits: Sendable {
    /// The edits that affect the past, in the order in which they are applied.
    private var edits: [Edit] = []
    /// Whether the edits were changed along the way, so that no single list of edits gives this past.
    private var isMixed = false

    /// Whether a past of these tokens, recomputed under some edits, would be the same.
    func agrees(with edits: [Edit], tokens: [Int], promptCount: Int) -> Bool {
        !isMixed && isSame(Self.concerning(edits, tokens: tokens, promptCount: promptCount))
    }

    /// Whether these edits affect the past in the same way as those that it last went on under, even if they were
    /// changed along the way.
    func continues(under edits: [Edit], tokens: [Int], promptCount: Int) -> Bool {
        isSame(Self.concerning(edits, tokens: tokens, promptCount: promptCount))
    }

    /// Records that the past goes on from `start` to all of `tokens` under some edits.
    ///
    /// - Parameter mayDiffer: whether they may affect the past before `start` in another way than the edits that it was
    ///   computed under.
    mutating func record(_ edits: [Edit], tokens: [Int], from start: Int, promptCount: Int, mayDiffer: Bool) {
        if mayDiffer, !continues(under: edits, tokens: Array(tokens.prefix(start)), promptCount: promptCount) {
            isMixed = true
        }
        self.edits = Self.concerning(edits, tokens: tokens, promptCount: promptCount)
    }

    private func isSame(_ others: [Edit]) -> Bool {
        edits.count == others.count && zip(edits, others).allSatisfy { $0.isSame(as: $1) }
    }

    private static func concerning(_ edits: [Edit], tokens: [Int], promptCount: Int) -> [Edit] {
        if edits.isEmpty { return [] }
        return edits.filter { $0.concernsAny(of: tokens, promptCount: promptCount) }
    }
}

extension Edit {
    /// Whether two edits do the same.
    func isSame(as other: Edit) -> Bool {
        site == other.site && head == other.head && positions == other.positions && keepsNorm == other.keepsNorm
            && schedule == other.schedule && gate == other.gate && change.isSame(as: other.change)
    }
}

extension Change {
    fileprivate func isSame(as other: Change) -> Bool {
        switch (self, other) {
        case (.add(let a), .add(let b)), (.multiply(let a), .multiply(let b)), (.replace(let a), .replace(let b)),
            (.projectOut(let a), .projectOut(let b)),
            (.reflect(let a), .reflect(let b)):
            a == b
        case (.scale(let a), .scale(let b)): a == b
        case (.setComponent(let a, let x), .setComponent(let b, let y)): x == y && a == b
        case (.rotate(let a, let x), .rotate(let b, let y)): x == y && a == b
        case (.zero, .zero), (.custom, .custom): true
        default: false
        }
    }
}
