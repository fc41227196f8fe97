import Directions
import Transformer

/// One step in choosing a combination of heads.
public struct CombinationStep: Sendable, Codable, Equatable {
    /// The head that was added.
    public var added: Head
    /// The head that it replaced; nil if it was added without replacing one.
    public var replaced: Head?
    /// The heads after the step, in the order in which they were added.
    public var heads: [Head]
    /// The joint effect of the heads: half the difference between the mean changes at both signs of the strength.
    public var effect: Double

    private enum CodingKeys: String, CodingKey { case added, replaced, heads, effect }
}

// Heads are written as `12.8` in JSON.
extension CombinationStep {
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode("\(added)", forKey: .added)
        try container.encodeIfPresent(replaced?.description, forKey: .replaced)
        try container.encode(heads.map(\.description), forKey: .heads)
        try container.encode(effect, forKey: .effect)
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        func head(_ name: String, _ key: CodingKeys) throws -> Head {
            guard let head = Head(name) else {
                throw DecodingError.dataCorruptedError(forKey: key, in: container, debugDescription: "No head: \(name)")
            }
            return head
        }
        self.init(
            added: try head(container.decode(String.self, forKey: .added), .added),
            replaced: try container.decodeIfPresent(String.self, forKey: .replaced).map { try head($0, .replaced) },
            heads: try container.decode([String].self, forKey: .heads).map { try head($0, .heads) },
            effect: try container.decode(Double.self, forKey: .effect))
    }
}

/// Greedy forward selection of heads, followed by swaps.
///
/// The head that adds most to the chosen ones is added until K heads are chosen. Then chosen heads may be replaced by
/// other candidates, as long as that makes the joint effect stronger.
///
/// Two heads that each move the logits may do the same thing or block each other. Only the joint effect shows this.
public struct HeadCombination {
    /// The share of the effect that a swap has to gain; a smaller gain is noise.
    public static let leastGain = 0.01
    /// The maximum number of rounds of swaps.
    public static let rounds = 3

    let sweep: HeadSweep
    /// In σ, the same for all heads while they are chosen.
    let strength: Double
    let isCancelled: () -> Bool

    /// Makes a combination whose effects are measured by a sweep.
    ///
    /// - Parameter strength: in σ, the same for all heads while they are chosen.
    public init(_ sweep: HeadSweep, strength: Double, isCancelled: @escaping () -> Bool = { Task.isCancelled }) {
        self.sweep = sweep
        self.strength = strength
        self.isCancelled = isCancelled
    }

    /// Chooses heads.
    ///
    /// - Parameters:
    ///   - candidates: the heads to choose from; in a tie, the earlier one is chosen.
    ///   - count: K; if there are fewer candidates, all of them are chosen.
    /// - Complexity: O(K · candidates) sweeps of one variant, and K · candidates for each round of swaps.
    public func choose(
        _ candidates: [HeadDirection], count: Int, onProgress: (_ done: Int, _ of: Int) -> Void = { _, _ in }
    ) throws -> (heads: [HeadDirection], steps: [CombinationStep]) {
        let (chosen, steps) = try Self.select(
            count, of: candidates.count, onProgress: onProgress
        ) { try self.effects($0.map { $0.map { candidates[$0] } }) }
        let named = steps.map { step in
            CombinationStep(
                added: candidates[step.added].head, replaced: step.replaced.map { candidates[$0].head },
                heads: step.chosen.map { candidates[$0].head }, effect: step.effect)
        }
        return (chosen.map { candidates[$0] }, named)
    }

    /// One step of the choice; candidates are given by their indices.
    struct Step: Equatable {
        var added: Int
        var replaced: Int?
        var chosen: [Int]
        var effect: Double
    }

    /// Makes the choice for any candidates, given by their indices.
    ///
    /// - Parameter effects: measures the joint effect of each of several sets of candidates.
    static func select(
        _ wanted: Int, of candidates: Int, onProgress: (_ done: Int, _ of: Int) -> Void = { _, _ in },
        effects: ([[Int]]) throws -> [Double]
    ) rethrows -> (chosen: [Int], steps: [Step]) {
        let count = min(wanted, candidates)
        var chosen: [Int] = []
        var steps: [Step] = []
        var effect = -Double.infinity
        while chosen.count < count {
            let left = (0..<candidates).filter { !chosen.contains($0) }
            let found = try effects(left.map { chosen + [$0] })
            guard let best = left.indices.max(by: { found[$0] < found[$1] }) else { break }
            chosen.append(left[best])
            effect = found[best]
            steps.append(Step(added: left[best], chosen: chosen, effect: effect))
            onProgress(chosen.count, count + 1)
        }
        for _ in 0..<rounds where chosen.count < candidates && chosen.count > 0 {
            let left = (0..<candidates).filter { !chosen.contains($0) }
            let swaps = chosen.indices.flatMap { slot in left.map { (slot: slot, candidate: $0) } }
            let found = try effects(
                swaps.map { swap in
                    var swapped = chosen
                    swapped[swap.slot] = swap.candidate
                    return swapped
                })
            guard let best = swaps.indices.max(by: { found[$0] < found[$1] }),
                found[best] > effect + leastGain * abs(effect)
            else { break }
            let old = chosen[swaps[best].slot]
            chosen[swaps[best].slot] = swaps[best].candidate
            effect = found[best]
            steps.append(Step(added: swaps[best].candidate, replaced: old, chosen: chosen, effect: effect))
        }
        onProgress(count + 1, count + 1)
        return (chosen, steps)
    }

    /// Half the difference between the mean changes at both signs, for each set of heads.
    private func effects(_ sets: [[HeadDirection]]) throws -> [Double] {
        if isCancelled() { throw CancellationError() }
        let variants = sets.flatMap { heads in
            [strength, -strength].map { value in heads.map { $0.headEdit(sigmas: value) } }
        }
        let means = try sweep.changes(variants).map { $0.reduce(0, +) / Double(max($0.count, 1)) }
        return sets.indices.map { (means[2 * $0] - means[2 * $0 + 1]) / 2 }
    }
}
