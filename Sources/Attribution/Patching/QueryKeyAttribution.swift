import DataFiles
import Foundation
import Gradients
import Tasks
import TensorCore
import Transformer

/// Patching attribution through queries and keys with the softmax recomputed (AtP*, Kramár et al. 2024, arXiv
/// 2403.00745, section 3.1).
///
/// The derivative of a saturated softmax is nearly zero, even where a change of its input has an effect. So the effect
/// of a patched query or key on the scores and the softmax is computed exactly. Only the part after the pattern A is
/// taken to first order: Σ ∇_A d · (A′ − A).
public struct QueryKeyAttribution: Sendable {
    /// The estimates of one item.
    public struct Estimates: Sendable {
        /// The estimates for another prompt's query at one position, [L · H, T], with head h of layer l in row l · H +
        /// h.
        public var queries: Matrix
        /// The estimates for another prompt's key at one position, as query head h reads it, with the shape of
        /// ``queries``.
        ///
        /// The estimate for a whole kv head is the sum over its query heads.
        public var keys: Matrix
    }

    /// The measured changes of one item.
    public struct Measured: Sendable {
        /// The changes for another prompt's query at one position, [L · H, T], with head h of layer l in row l · H + h.
        public var queries: Matrix
        /// The changes for another prompt's key at one position, [L · K, T], with kv head k of layer l in row l · K + k.
        ///
        /// They compare with the sums of ``Estimates/keys`` over each kv head's query heads.
        public var keys: Matrix
    }

    private let model: LanguageModel
    private let workers: WorkerPool
    private let isCancelled: @Sendable () -> Bool

    /// Makes an attribution; nothing is computed yet.
    public init(
        _ model: LanguageModel, workers: WorkerPool,
        isCancelled: @escaping @Sendable () -> Bool = { Task.isCancelled }
    ) {
        self.model = model
        self.workers = workers
        self.isCancelled = isCancelled
    }

    /// Computes the estimates of one item.
    ///
    /// - Parameter corrupted: another prompt with the same number of tokens.
    /// - Throws: `InputError` if a prompt is too long; `CancellationError`.
    /// - Complexity: two passes forward and one back, and O(L · H · T² · D). Memory: 8 · L · H · T² bytes for the
    ///   patterns and their gradients.
    /// - Precondition: both prompts have the same number of tokens.
    public func estimates(_ item: ContrastItem, corrupted: [Int]) throws -> Estimates {
        precondition(item.prompt.count == corrupted.count, "A corrupted prompt has as many tokens as the clean one.")
        let c = model.configuration
        let sites = self.sites
        let reads = sites.flatMap { [Read($0.query, at: .all), Read($0.key, at: .all)] }
        let gradients = GradientRun(model, workers: workers)
        gradients.isCancelled = isCancelled
        let clean = try gradients.gradients(of: [
            GradientText(
                tokens: item.prompt, promptCount: item.prompt.count,
                objective: .logitDifference(item.positive, item.negative),
                reads: reads + (0..<c.layers).map { Read(.pattern($0), at: .all) })
        ])[0]
        let run = Run(model, workers: workers)
        run.isCancelled = isCancelled
        run.sequences = [model.makeSequence(promptCount: corrupted.count)]
        let other = try run.advance([Step(tokens: corrupted, reads: reads, logits: nil)])[0]
        let count = item.prompt.count
        var result = Estimates(
            queries: Matrix(rows: c.layers * c.heads, columns: count),
            keys: Matrix(rows: c.layers * c.heads, columns: count))
        for (layer, site) in sites.enumerated() {
            if isCancelled() { throw CancellationError() }
            guard let pattern = clean[.pattern(layer)], let query = clean[site.query], let key = clean[site.key],
                let otherQuery = other[site.query], let otherKey = other[site.key]
            else { continue }
            let attention = PatchedAttention(
                groups: c.headGroups, rule: AttentionRule(c.blocks[layer].attention, model.weights.layers[layer]),
                pattern: pattern.values, gradients: pattern.gradients, query: query.values, key: key.values)
            for head in 0..<c.heads {
                let means = (0..<count).map { attention.mean(of: $0, head: head) }
                for position in 0..<count {
                    result.queries[layer * c.heads + head, position] = Float(
                        attention.effect(ofQuery: otherQuery.values, at: position, head: head))
                    result.keys[layer * c.heads + head, position] = Float(
                        attention.effect(ofKey: otherKey.values, at: position, head: head, means: means))
                }
            }
        }
        return result
    }

    /// Measures what ``estimates(_:corrupted:)`` estimates: each query and each key is replaced at each position, one at
    /// a time.
    ///
    /// - Parameters:
    ///   - corrupted: another prompt with the same number of tokens.
    ///   - onPosition: called when a position is done.
    /// - Throws: `InputError` if a prompt is too long; `CancellationError`.
    /// - Complexity: L · (H + K) · T passes, from the head's block and position on; none where both prompts have the
    ///   same values.
    /// - Precondition: both prompts have the same number of tokens.
    public func measured(
        _ item: ContrastItem, corrupted: [Int], onPosition: () -> Void = {}
    ) throws -> Measured {
        precondition(item.prompt.count == corrupted.count, "A corrupted prompt has as many tokens as the clean one.")
        for prompt in [item.prompt, corrupted] { try model.check(prompt: prompt) }
        let run = GradientRun(model, workers: workers)
        run.isCancelled = isCancelled
        let all = sites.map(\.query) + sites.map(\.key)
        let changes = try PatchedPasses(run, item).effects(
            of: all, corrupted: corrupted, onPosition: onPosition)
        return Measured(
            queries: PatchedPasses.joined(changes[..<sites.count]),
            keys: PatchedPasses.joined(changes[sites.count...]))
    }

    /// The queries and keys that attention takes, by layer.
    private var sites: [(query: Site, key: Site)] {
        let c = model.configuration
        return (0..<c.layers).map { layer in
            let query = Site.rotatedQuery(layer)
            return query.exists(in: c) ? (query, .rotatedKey(layer)) : (.query(layer), .key(layer))
        }
    }
}

/// One layer's attention with a query or a key replaced.
private struct PatchedAttention {
    let groups: HeadGroups
    let rule: AttentionRule
    /// [T, H · T]
    let pattern, gradients: Matrix
    /// [T, H · D] and [T, K · D]
    let query, key: Matrix

    private var count: Int { query.rows }

    /// Σ ∇_A d · (A′ − A) with the query of one position replaced.
    func effect(ofQuery other: Matrix, at position: Int, head: Int) -> Double {
        let first = rule.firstKey(of: position)
        let seen = first...position
        var scores = seen.map { score(other, position, key, $0, head: head) }
        if let sinks = rule.sinks { scores.append(Double(sinks[head])) }
        let largest = scores.max() ?? 0
        let weights = scores.map { exp($0 - largest) }
        let sum = weights.reduce(0, +)
        return seen.reduce(0.0) { effect, place in
            let (weight, gradient) = row(position, head: head, key: place)
            return effect + gradient * (weights[place - first] / sum - weight)
        }
    }

    /// Σ ∇_A d · (A′ − A) with the key of one position replaced, over all queries that see it.
    ///
    /// With r = e^(new score − old score), the sum of the exponentials grows by the factor 1 + A (r − 1).
    ///
    /// - Parameter means: ``mean(of:head:)`` of every query.
    func effect(ofKey other: Matrix, at position: Int, head: Int, means: [Double]) -> Double {
        (position..<count).reduce(0.0) { effect, reader in
            guard rule.firstKey(of: reader) <= position else { return effect }
            let old = score(query, reader, key, position, head: head)
            let new = score(query, reader, other, position, head: head)
            let ratio = exp(new - old)
            let (weight, gradient) = row(reader, head: head, key: position)
            let before = means[reader]
            let after = (before + weight * (ratio - 1) * gradient) / (1 + weight * (ratio - 1))
            return effect + after - before
        }
    }

    /// Σ A ∇_A d over the positions that a query sees.
    func mean(of reader: Int, head: Int) -> Double {
        (rule.firstKey(of: reader)...reader).reduce(0.0) { sum, place in
            let (weight, gradient) = row(reader, head: head, key: place)
            return sum + weight * gradient
        }
    }

    private func row(_ position: Int, head: Int, key: Int) -> (weight: Double, gradient: Double) {
        let place = position * pattern.columns + head * count + key
        return (Double(pattern.elements[place]), Double(gradients.elements[place]))
    }

    private func score(_ query: Matrix, _ reader: Int, _ key: Matrix, _ place: Int, head: Int) -> Double {
        let size = groups.headSize
        let a = reader * query.columns + head * size
        let b = place * key.columns + groups.kvHead(of: head) * size
        var sum = 0.0
        for i in 0..<size { sum += Double(query.elements[a + i]) * Double(key.elements[b + i]) }
        let score = sum * Double(rule.scale)
        return rule.softCap.map { Double($0) * tanh(score / Double($0)) } ?? score
    }
}
