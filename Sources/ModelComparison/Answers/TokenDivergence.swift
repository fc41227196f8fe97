import DataFiles
import Foundation
import Statistics
import Tasks
import TensorCore
import Transformer

/// How far apart two models' distributions of the next token are, on the same texts.
///
/// Means are over the positions whose next token is known; intervals are by bootstrap over texts.
public struct TokenDivergence: Sendable, Codable, Equatable {
    /// The number of texts.
    public var texts: Int
    /// The number of positions.
    public var tokens: Int
    /// KL(A ‖ B), in nats per token; 0 for the same distributions.
    public var kl: MeanWithInterval
    /// KL(B ‖ A), in nats per token.
    public var reverseKL: MeanWithInterval
    /// The mean of KL(A ‖ B) over the twentieth of the positions at which it is largest.
    public var klOfWorst: Double
    /// The share of positions at which both have the same likeliest token.
    public var sameTopToken: MeanWithInterval
    /// A's −ln p(next token), in nats per token.
    public var crossEntropyA: MeanWithInterval
    /// B's −ln p(next token), in nats per token.
    public var crossEntropyB: MeanWithInterval
    /// B's cross-entropy minus A's, token by token.
    public var crossEntropyChange: MeanWithInterval
}

extension TokenDivergence {
    /// How many positions go through the models together: each model has that many logits in memory, at most 64 MB.
    private static func together(vocabulary: Int) -> Int { max(32, min(128, (1 << 24) / vocabulary)) }

    /// Takes texts through both models at the same time.
    ///
    /// - Parameters:
    ///   - texts: texts of fewer than two tokens are left out; at least one text has to be left.
    ///   - seed: the seed of the bootstrap.
    ///   - onProgress: called with the number of texts done so far.
    /// - Throws: `InputError` if no text is long enough, one is too long, or a logit is NaN or infinite;
    ///   `CancellationError`.
    /// - Complexity: a forward pass of both models, and O(positions · V).
    public init(
        _ pair: ModelPair, texts: [[Int]], seed: UInt64 = 0, onProgress: (_ done: Int) -> Void = { _ in },
        isCancelled: @Sendable @escaping () -> Bool = { Task.isCancelled }
    ) throws {
        let long = texts.filter { $0.count >= 2 }
        guard !long.isEmpty else {
            throw InputError.badData(
                "no text of two tokens or more", in: "the texts to compare on", remedy: "give longer texts")
        }
        var positions: [Position] = []
        var groups: [String] = []
        let together = Self.together(vocabulary: pair.configuration.vocabulary)
        for range in TextBatches.ranges(long.map { $0.count - 1 }, tokens: together) {
            let found = try Self.positions(pair, Array(long[range]), together, isCancelled)
            for (index, own) in zip(range, found) {
                positions += own
                groups += own.map { _ in "\(index)" }
            }
            onProgress(range.upperBound)
        }
        func mean(_ value: (Position) -> Double) -> MeanWithInterval {
            MeanWithInterval(positions.map(value), groups: groups, seed: seed)
        }
        self.texts = long.count
        tokens = positions.count
        kl = mean { $0.kl }
        reverseKL = mean { $0.reverseKL }
        let worst = positions.map(\.kl).sorted(by: >).prefix(max(1, positions.count / 20))
        klOfWorst = worst.reduce(0, +) / Double(worst.count)
        sameTopToken = mean { $0.hasSameTop ? 1 : 0 }
        crossEntropyA = mean { $0.crossEntropyA }
        crossEntropyB = mean { $0.crossEntropyB }
        crossEntropyChange = mean { $0.crossEntropyB - $0.crossEntropyA }
    }

    private struct Position {
        var kl, reverseKL, crossEntropyA, crossEntropyB: Double
        var hasSameTop: Bool

        /// - Parameter a, b: the logits of the tokens that both models have.
        init(_ a: ArraySlice<Float>, _ b: ArraySlice<Float>, next: Int) {
            let (first, second) = (LogitSummary(a), LogitSummary(b))
            kl = NextTokenDistribution(a).divergence(to: b, second)
            reverseKL = NextTokenDistribution(b).divergence(to: a, first)
            crossEntropyA = first.logSum - Double(a[a.startIndex + next])
            crossEntropyB = second.logSum - Double(b[b.startIndex + next])
            hasSameTop = first.largest == second.largest
        }
    }

    /// The positions of each text.
    private static func positions(
        _ pair: ModelPair, _ texts: [[Int]], _ together: Int, _ isCancelled: @Sendable @escaping () -> Bool
    ) throws -> [[Position]] {
        var states = pair.models.map { model in texts.map { _ in model.makeSequence(promptCount: 1) } }
        var found = [[Position]](repeating: [], count: texts.count)
        // A text longer than a pass may be is alone, and goes through in parts.
        var start = 0
        while texts.contains(where: { start < $0.count - 1 }) {
            let steps = texts.enumerated().filter { start < $0.element.count - 1 }.map { index, text in
                Step(
                    sequence: index, tokens: Array(text[start..<min(start + together, text.count - 1)]), logits: .all)
            }
            let sequences = states
            let results = try pair.both { which, model, workers in
                let run = Run(model, workers: workers)
                run.isCancelled = isCancelled
                run.sequences = sequences[which]
                let results = try run.advance(steps)
                return (sequences: run.sequences, logits: results.map(\.logits))
            }
            states = results.map(\.sequences)
            let rows = steps.indices.flatMap { step in steps[step].tokens.indices.map { (step: step, row: $0) } }
            let (shared, offset) = (pair.sharedTokens, start)
            let positions = try rows.concurrentMap(pair.workers) { step, row in
                let (a, b) = (results.a.logits[step].row(row), results.b.logits[step].row(row))
                let position = Position(
                    a.prefix(shared), b.prefix(shared), next: texts[steps[step].sequence][offset + row + 1])
                guard
                    [position.kl, position.reverseKL, position.crossEntropyA, position.crossEntropyB]
                        .allSatisfy(\.isFinite)
                else {
                    throw InputError(
                        .notFinite, "NaN or infinite logits", in: pair.models.b.checkpoint.path,
                        remedy: "check both models' weights")
                }
                return position
            }
            for ((step, _), position) in zip(rows, positions) { found[steps[step].sequence].append(position) }
            start += together
        }
        return found
    }
}
