import DataFiles
import Foundation

/// Chooses tokens, one sequence's random numbers in hand.
public struct Sampler: Sendable {
    public let sampling: Sampling
    private var random: SeededGenerator

    /// - Parameter stream: which of several sequences of one seed this is; each has its own random numbers.
    public init(_ sampling: Sampling, stream: UInt64 = 0) {
        self.sampling = sampling
        self.random = SeededGenerator(seed: sampling.seed, stream: stream)
    }

    /// Chooses a token: temperature first, then top-k, then top-p, as transformers does.
    ///
    /// Of equal logits the lower token wins; a logit that is no number is never chosen. Probabilities are computed in
    /// double precision. O(V), or O(V log V) with top-k or top-p.
    ///
    /// - Parameter logits: [V], at least one.
    public mutating func next(_ logits: some RandomAccessCollection<Float>) -> Int {
        precondition(!logits.isEmpty, "There are no logits to choose from.")
        guard sampling.temperature > 0 else { return Self.largest(logits) }
        var candidates = logits.enumerated().compactMap { token, logit in
            logit.isNaN ? nil : (token: token, logit: Double(logit) / sampling.temperature)
        }
        if sampling.topK > 0 || sampling.topP < 1 {
            candidates.sort { $0.logit != $1.logit ? $0.logit > $1.logit : $0.token < $1.token }
        }
        if sampling.topK > 0 { candidates = Array(candidates.prefix(sampling.topK)) }
        let largest = candidates.reduce(-Double.infinity) { max($0, $1.logit) }
        guard largest.isFinite else { return Self.largest(logits) }
        var weights = candidates.map { exp($0.logit - largest) }
        if sampling.topP < 1 {
            let total = weights.reduce(0, +)
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

    /// The index of the largest value, the first of equals; values that are no number don't count.
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
