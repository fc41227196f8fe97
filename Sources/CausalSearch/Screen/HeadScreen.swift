import DataFiles
import Directions
import Statistics
import Transformer

/// Screens heads causally, by the change of the logit difference when each head is moved.
///
/// Each head is moved both ways along its direction, and equally far along random directions, at the last position of
/// every prompt. The screen is deterministic and teacher-forced, and it uses every item.
public struct HeadScreen {
    /// How heads are screened.
    public struct Options: Sendable, Codable, Equatable {
        /// How far heads are moved both ways, in σ.
        ///
        /// The default, 8, moves what can be moved while the rest of the model still works.
        public var strengths: [Double]
        /// The number of random directions tried at each head, at the first strength.
        ///
        /// The default, 3, gives 810 of them with 270 heads.
        public var nullDirections: Int
        /// The seed of random directions and intervals.
        public var seed: UInt64

        /// Makes options.
        ///
        /// - Precondition: there is at least one strength, and all strengths are above 0; `nullDirections` is not
        ///   negative.
        public init(strengths: [Double] = [8], nullDirections: Int = 3, seed: UInt64 = 0) {
            precondition(!strengths.isEmpty && strengths.allSatisfy { $0 > 0 }, "A screen needs positive strengths.")
            precondition(nullDirections >= 0, "The number of random directions can't be \(nullDirections).")
            self.strengths = strengths
            self.nullDirections = nullDirections
            self.seed = seed
        }

        /// The number of edits tried at each head: both ways along its direction and along random directions.
        public var variantsOfHead: Int { 2 * (strengths.count + nullDirections) }
    }

    let sweep: HeadSweep
    let options: Options
    let groups: Groups

    /// Makes a screen on the sweep's items.
    ///
    /// - Parameter groups: the group of each item; intervals are over groups.
    public init(_ sweep: HeadSweep, groups: [String], options: Options = Options()) {
        self.sweep = sweep
        self.options = options
        self.groups = Groups(groups)
    }

    /// Screens some heads; give the findings of all heads to ``tested(_:)`` for p values.
    ///
    /// - Complexity: 2 · (strengths + random directions) · heads · items last positions, each through about half of the
    ///   layers.
    /// - Throws: `CancellationError`.
    public func screen(
        _ directions: [HeadDirection], onProgress: (Int) -> Void = { _ in }
    ) throws -> [ScreenedHead] {
        // For each head: + and − of each strength, then + and − of each random direction.
        var variants: [[HeadEdit]] = []
        for direction in directions {
            for strength in options.strengths {
                variants += [[direction.headEdit(sigmas: strength)], [direction.headEdit(sigmas: -strength)]]
            }
            var random = SeededGenerator(
                seed: options.seed, stream: UInt64(direction.head.layer) << 20 | UInt64(direction.head.index))
            for _ in 0..<options.nullDirections {
                let values = direction.unit.map { _ in random.gaussian() }
                let norm = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
                let length = direction.isZero ? 0 : options.strengths[0] * direction.sigma / max(norm, 1e-30)
                for sign in [1.0, -1] {
                    variants.append([
                        HeadEdit(direction.head, .add(values.map { Float(sign * length * $0) }))
                    ])
                }
            }
        }
        let each = options.variantsOfHead
        let changes = try sweep.changes(variants, onProgress: { onProgress($0 / each) })
        let moves = directions.indices.map {
            Moves(Array(changes[$0 * each..<($0 + 1) * each]), strengths: options.strengths.count)
        }
        let intervals = groupedBootstrapIntervals(groups, ofMeans: moves.map { $0.halves[$0.best] }, resamples: 1000)
        return directions.indices.map { result(directions[$0], moves[$0], intervals[$0]) }
    }

    /// Screens the heads of some parts, one part after the other.
    ///
    /// - Parameters:
    ///   - directions: the directions of all heads.
    ///   - onPart: called with the index of each part in `parts` and the findings there.
    /// - Throws: `CancellationError`; what `onPart` throws.
    public func screen(
        _ parts: [HeadPart], of directions: [HeadDirection], onProgress: (_ done: Int, _ of: Int) -> Void,
        onPart: (_ index: Int, _ found: [ScreenedHead]) throws -> Void
    ) throws {
        let all = parts.reduce(0) { $0 + $1.range.count }
        var done = 0
        onProgress(0, all)
        for (index, part) in parts.enumerated() {
            let found = try screen(Array(directions[part.range])) { onProgress(done + $0, all) }
            done += part.range.count
            try onPart(index, found)
        }
    }

    /// The findings at all heads with excess, p and q, from a comparison with the random directions of all heads.
    public static func tested(_ heads: [ScreenedHead]) -> [ScreenedHead] { heads.testedAgainstRandomDirections() }

    /// The findings at the heads that a cheap screen kept and at those that it dropped, tested over all of them.
    static func tested(
        _ heads: [ScreenedHead], estimates: [EstimatedHead]?, of directions: [HeadDirection]
    ) -> [ScreenedHead] {
        guard let estimates else { return tested(heads) }
        let effects = Dictionary(uniqueKeysWithValues: estimates.map { ($0.head, $0.effect) })
        let measured = Dictionary(uniqueKeysWithValues: heads.map { ($0.head, $0) })
        return tested(
            directions.map { direction in
                let estimate = effects[direction.head] ?? 0
                if var head = measured[direction.head] {
                    head.estimate = estimate
                    return head
                }
                return ScreenedHead(
                    direction.head,
                    ScreenFinding(
                        strength: heads.first?.strength ?? 0, effect: estimate, positiveEffect: estimate,
                        negativeEffect: -estimate, nullEffects: [], estimate: estimate, isDropped: true))
            })
    }

    private func result(
        _ direction: HeadDirection, _ moves: Moves, _ interval: ConfidenceInterval?
    ) -> ScreenedHead {
        let effect = moves.effects[moves.best]
        return ScreenedHead(
            direction.head,
            ScreenFinding(
                strength: options.strengths[moves.best], effect: effect, ciLow: interval?.low,
                ciHigh: interval?.high, positiveEffect: Moves.mean(moves.pairs[moves.best].plus),
                negativeEffect: Moves.mean(moves.pairs[moves.best].minus),
                nullEffects: Array(moves.effects.dropFirst(options.strengths.count))))
    }
}

/// The changes of each item when one head is moved both ways, at each strength and then along each random direction.
private struct Moves {
    let pairs: [(plus: [Double], minus: [Double])]
    /// (plus − minus) / 2 for each item.
    let halves: [[Double]]
    /// The means of `halves`.
    let effects: [Double]
    /// The index of the strength with the largest effect.
    let best: Int

    /// - Parameter changes: the changes for plus and for minus in turn.
    init(_ changes: [[Double]], strengths: Int) {
        pairs = stride(from: 0, to: changes.count, by: 2).map { (plus: changes[$0], minus: changes[$0 + 1]) }
        halves = pairs.map { pair in zip(pair.plus, pair.minus).map { ($0 - $1) / 2 } }
        effects = halves.map(Self.mean)
        let own = effects.prefix(strengths)
        best = own.indices.max { abs(own[$0]) < abs(own[$1]) } ?? 0
    }

    static func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
}
