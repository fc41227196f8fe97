import DataFiles
import Foundation

/// Chooses tokens for one sequence, with random numbers of its own.
public struct Sampler: Sendable {
    /// The rule.
    public let sampling: Sampling
    private var random: SeededGenerator

    /// - Parameter stream: which of the sequences that share a seed this is; each draws its own random numbers.
    public init(_ sampling: Sampling, stream: UInt64 = 0) {
        self.sampling = sampling
        self.random = SeededGenerator(seed: sampling.seed, stream: stream)
    }

    /// Chooses a token: temperature first, then top-k, then top-p, as transformers does.
    ///
    /// If logits are equal, the lower token wins; a NaN logit is never chosen. Probabilities are computed in double
    /// precision. O(V), or O(V log V) with top-k or top-p.
    ///
    /// - Parameter logits: [V].
    /// - Precondition: at least one logit.
    public mutating func next(_ logits: some RandomAccessCollection<Float>) -> Int {
        precondition(!logits.isEmpty, "There are no logits to choose from.")
        guard sampling.temperature > 0 else { return Self.largest(logits) }
        let scaled = logits.map { Double($0) / sampling.temperature }
        let largest = scaled.reduce(-Double.infinity) { max($0, $1) }
        guard largest.isFinite else { return Self.largest(logits) }
        var candidates = candidates(scaled, largest: largest)
        if sampling.topK > 0 { candidates = Array(candidates.prefix(sampling.topK)) }
        var weights = candidates.map { exp($0.logit - largest) }
        if sampling.topP < 1 {
            let total = sampling.topK > 0 ? weights.reduce(0, +) : Self.total(scaled, largest: largest)
            var sum = 0.0
            let count = weights.firstIndex { weight in
                sum += weight / total
                return sum >= sampling.topP
            }
            weights = Array(weights.prefix((count ?? weights.count - 1) + 1))
        }
        var place = random.uniform() * weights.reduce(0, +)
        for (index, weight) in weights.enumerated() {
            place -= weight
            if place < 0 { return candidates[index].token }
        }
        return candidates[weights.lastIndex { $0 > 0 } ?? 0].token
    }

    private typealias Candidate = (token: Int, logit: Double)

    /// The tokens that can be chosen, sorted by their logits if top-k or top-p needs that.
    ///
    /// Top-p alone needs only the tokens that reach p together. In a large vocabulary they are mostly a few dozen, and
    /// are found without sorting all of it.
    private func candidates(_ scaled: [Double], largest: Double) -> [Candidate] {
        func atLeast(_ least: Double) -> [Candidate] {
            var found: [Candidate] = []
            for (token, logit) in scaled.enumerated() where logit >= least { found.append((token, logit)) }
            return found
        }
        func sorted(_ found: [Candidate]) -> [Candidate] {
            found.sorted { $0.logit != $1.logit ? $0.logit > $1.logit : $0.token < $1.token }
        }
        guard sampling.topK > 0 || sampling.topP < 1 else { return atLeast(-.infinity) }
        if sampling.topK == 0 {
            // Slightly more than p, so that rounding doesn't leave a token out.
            let wanted = sampling.topP * (1 + 1e-9) * Self.total(scaled, largest: largest)
            for width in [4.0, 16, 64] {
                let near = atLeast(largest - width)
                if near.reduce(0, { $0 + exp($1.logit - largest) }) >= wanted { return sorted(near) }
            }
        }
        return sorted(atLeast(-.infinity))
    }

    /// Σ exp(logit − largest), without NaN logits.
    private static func total(_ scaled: [Double], largest: Double) -> Double {
        scaled.reduce(0) { $1.isNaN ? $0 : $0 + exp($1 - largest) }
    }

    /// The index of the largest value, the first one of equal values; NaN and −∞ don't count.
    static func largest(_ logits: some RandomAccessCollection<Float>) -> Int {
        var best = 0
        var value = -Float.infinity
        for (token, logit) in logits.enumerated() where logit > value {
            best = token
            value = logit
        }
        return best
    }
}
