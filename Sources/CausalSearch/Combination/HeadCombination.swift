import Directions
import Transformer

/// One step of putting heads together.
public struct CombinationStep: Sendable, Codable, Equatable {
    /// The head that was added.
    public var added: Head
    /// The head that it took the place of; nil where it came on top.
    public var replaced: Head?
    /// The heads after the step, in the order in which they came.
    public var heads: [Head]
    /// The effect of all of them together: half the difference between both signs.
    public var effect: Double

    private enum CodingKeys: String, CodingKey { case added, replaced, heads, effect }
}

// Heads are written as `12.8` here.
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

/// Greedy forward selection with swap-out: the head that adds most to those chosen is added until there are K; then each
/// chosen one may be replaced by one that was left out, as long as that makes the whole stronger.
///
/// Heads that move the logits by themselves may do the same thing, or block each other; the joint effect tells.
public struct HeadCombination {
    /// A swap has to gain this share of the effect: less is noise.
    public static let leastGain = 0.01
    /// The most rounds of swaps.
    public static let rounds = 3

    let sweep: HeadSweep
    /// In σ, shared while heads are chosen.
    let strength: Double
    let isCancelled: () -> Bool

    public init(_ sweep: HeadSweep, strength: Double, isCancelled: @escaping () -> Bool = { Task.isCancelled }) {
        self.sweep = sweep
        self.strength = strength
        self.isCancelled = isCancelled
    }

    /// Chooses heads.
    ///
    /// - Parameters:
    ///   - candidates: in the order in which ties are decided.
    ///   - count: K; all candidates where there are fewer.
    /// - Complexity: O(K · candidates) sweeps of one variant, and K · candidates for each round of swaps.
    public func choose(
        _ candidates: [HeadDirection], count: Int, onProgress: (_ done: Int, _ of: Int) -> Void = { _, _ in }
    ) throws -> (heads: [HeadDirection], steps: [CombinationStep]) {
        let count = min(count, candidates.count)
        var chosen: [Int] = []
        var steps: [CombinationStep] = []
        var effect = -Double.infinity
        while chosen.count < count {
            let left = candidates.indices.filter { !chosen.contains($0) }
            let effects = try self.effects(left.map { (chosen + [$0]).map { candidates[$0] } })
            guard let best = left.indices.max(by: { effects[$0] < effects[$1] }) else { break }
            chosen.append(left[best])
            effect = effects[best]
            steps.append(step(candidates, added: left[best], replaced: nil, chosen, effect))
            onProgress(chosen.count, count + 1)
        }
        for _ in 0..<Self.rounds where chosen.count < candidates.count && chosen.count > 0 {
            let left = candidates.indices.filter { !chosen.contains($0) }
            let swaps = chosen.indices.flatMap { place in left.map { (place: place, head: $0) } }
            let effects = try self.effects(
                swaps.map { swap in
                    var heads = chosen
                    heads[swap.place] = swap.head
                    return heads.map { candidates[$0] }
                })
            guard let best = swaps.indices.max(by: { effects[$0] < effects[$1] }),
                effects[best] > effect + Self.leastGain * abs(effect)
            else { break }
            let old = chosen[swaps[best].place]
            chosen[swaps[best].place] = swaps[best].head
            effect = effects[best]
            steps.append(step(candidates, added: swaps[best].head, replaced: old, chosen, effect))
        }
        onProgress(count + 1, count + 1)
        return (chosen.map { candidates[$0] }, steps)
    }

    /// Half the difference of the mean changes at both signs, for each set of heads.
    private func effects(_ sets: [[HeadDirection]]) throws -> [Double] {
        if isCancelled() { throw CancellationError() }
        let variants = sets.flatMap { heads in
            [strength, -strength].map { value in heads.map { $0.edit(sigmas: value) } }
        }
        let means = try sweep.changes(variants).map { $0.reduce(0, +) / Double(max($0.count, 1)) }
        return sets.indices.map { (means[2 * $0] - means[2 * $0 + 1]) / 2 }
    }

    private func step(
        _ candidates: [HeadDirection], added: Int, replaced: Int?, _ chosen: [Int], _ effect: Double
    ) -> CombinationStep {
        CombinationStep(
            added: candidates[added].head, replaced: replaced.map { candidates[$0].head },
            heads: chosen.map { candidates[$0].head }, effect: effect)
    }
}
