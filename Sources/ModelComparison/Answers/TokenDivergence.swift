import DataFiles
import Foundation
import Statistics
import Tasks
import TensorCore
import Transformer

/// How far the distributions of the next token of two models are apart, on the same texts. Means are over the positions whose
/// next token is known; intervals are by bootstrap over texts.
public struct TokenDivergence: Sendable, Encodable, Equatable {
    public var texts: Int
    /// The number of positions.
    public var tokens: Int
    /// KL(A ‖ B) in nats a token: 0 for the same distributions.
    public var kl: MeanWithInterval
    /// KL(B ‖ A)
    public var reverseKL: MeanWithInterval
    /// The mean of KL(A ‖ B) over the twentieth of the positions where it is largest.
    public var klOfWorst: Double
    /// The share of positions at which both have the same likeliest token.
    public var sameTopToken: MeanWithInterval
    /// −ln p(next token), in nats a token.
    public var crossEntropyA: MeanWithInterval
    public var crossEntropyB: MeanWithInterval
    /// B's less A's, token by token.
    public var crossEntropyChange: MeanWithInterval
}

extension TokenDivergence {
    /// How many positions go through the models together: so many logits of either are in memory.
    private static let together = 32

    /// Takes texts through both models at the same time.
    ///
    /// - Parameters:
    ///   - texts: those of fewer than two tokens are left out; at least one has to be left.
    ///   - seed: of the bootstrap.
    ///   - onProgress: called with the number of texts that are done.
    /// - Throws: `InputError` if no text is long enough, one is too long, or a logit is NaN or infinite; `CancellationError`.
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
        for (index, text) in long.enumerated() {
            let own = try Self.positions(pair, text, isCancelled)
            positions += own
            groups += own.map { _ in "\(index)" }
            onProgress(index + 1)
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

    private static func positions(
        _ pair: ModelPair, _ text: [Int], _ isCancelled: @Sendable @escaping () -> Bool
    ) throws -> [Position] {
        var states = pair.models.map { $0.makeSequence(promptCount: 1) }
        var found: [Position] = []
        var start = 0
        while start < text.count - 1 {
            let tokens = Array(text[start..<min(start + together, text.count - 1)])
            let sequences = states
            let results = try pair.both { which, model, workers in
                let run = Run(model, workers: workers)
                run.isCancelled = isCancelled
                run.sequences = [sequences[which]]
                let result = try run.advance([Step(tokens: tokens, logits: .all)])[0]
                return (run.sequences[0], result.logits)
            }
            states = results.map(\.0)
            for row in tokens.indices {
                let (a, b) = (results.a.1.row(row), results.b.1.row(row))
                let shared = pair.sharedTokens
                let position = Position(a.prefix(shared), b.prefix(shared), next: text[start + row + 1])
                guard
                    [position.kl, position.reverseKL, position.crossEntropyA, position.crossEntropyB]
                        .allSatisfy(\.isFinite)
                else {
                    throw InputError(
                        .notFinite, "NaN or infinite logits", in: pair.models.b.checkpoint.path,
                        remedy: "check both models' weights")
                }
                found.append(position)
            }
            start += tokens.count
        }
        return found
    }
}
