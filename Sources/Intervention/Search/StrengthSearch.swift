import Generation
import LlamaRuntime
import Probing
import TensorCore

/// One strength that was tried.
public struct StrengthTrial: Sendable, Codable, Equatable {
    /// In σ of each direction.
    public var strength: Double
    /// The mean change of the logit difference at +strength.
    public var positiveEffect: Double
    /// The same at −strength; below zero where the edit works both ways.
    public var negativeEffect: Double
    /// Distinct-2 of the greedy texts at ±strength, divided by that of the unedited ones.
    public var distinctRatio: Double
    /// Whether the texts still read as texts: ``distinctRatio`` is at least ``StrengthSearch/leastDistinct``.
    public var isReadable: Bool
}

/// A short line search for the strength that all chosen heads share.
///
/// Strengths are tried upwards. The search stops at the first one whose texts repeat themselves, in either direction,
/// and takes the one before; a larger strength moves the logits further but no longer writes text. The logit difference
/// alone would take the largest always.
public struct StrengthSearch {
    /// The strengths that are tried, in σ.
    public static let strengths: [Double] = [4, 6, 8, 11, 15, 20]
    /// Texts whose distinct-2 falls below this share of the unedited texts' count as repeating themselves.
    public static let leastDistinct = 0.9
    /// Tokens of each text, and the most texts.
    private static let textTokens = 24
    private static let texts = 6

    let model: LlamaModel
    let workers: WorkerPool
    let endTokens: Set<Int>
    let isCancelled: () -> Bool

    public init(
        _ model: LlamaModel, endTokens: Set<Int>, workers: WorkerPool,
        isCancelled: @escaping () -> Bool = { Task.isCancelled }
    ) {
        self.model = model
        self.workers = workers
        self.endTokens = endTokens
        self.isCancelled = isCancelled
    }

    /// Tries strengths for a set of heads.
    ///
    /// - Returns: what was tried, in order, and the strength to take: the largest readable one, or the smallest tried where
    ///   none is.
    public func find(
        directions: [HeadDirection], sweep: HeadSweep, prompts: [[Int]], onTrial: (StrengthTrial) -> Void = { _ in }
    ) throws -> (strength: Double, trials: [StrengthTrial]) {
        let prompts = Array(prompts.prefix(Self.texts))
        let base = try distinct(prompts, edits: [[]])
        var trials: [StrengthTrial] = []
        for strength in Self.strengths {
            let both = [strength, -strength].map { value in directions.map { $0.edit(sigmas: value) } }
            let changes = try sweep.changes(both).map { $0.reduce(0, +) / Double($0.count) }
            let ratio = try distinct(prompts, edits: both) / max(base, 1e-9)
            let trial = StrengthTrial(
                strength: strength, positiveEffect: changes[0], negativeEffect: changes[1], distinctRatio: ratio,
                isReadable: ratio >= Self.leastDistinct)
            trials.append(trial)
            onTrial(trial)
            if !trial.isReadable { break }
        }
        let best = trials.last(where: \.isReadable) ?? trials[0]
        return (best.strength, trials)
    }

    /// The smallest mean distinct-2 of the texts under any of several sets of edits.
    private func distinct(_ prompts: [[Int]], edits: [[HeadEdit]]) throws -> Double {
        let requests = edits.flatMap { edits in
            prompts.map { prompt in
                GenerationRequest(
                    prompt: prompt, edits: edits.map { $0.at(.last) }, maxTokens: Self.textTokens, endTokens: endTokens)
            }
        }
        let generator = try BatchGenerator(requests, model: model, workers: workers)
        generator.isCancelled = isCancelled
        let texts = generator.finish()
        if texts.contains(where: { $0.stopReason == .cancelled }) { throw CancellationError() }
        let values = texts.map { TextMeasures.distinct(2, $0.ids) }
        return edits.indices.map { index in
            values[(index * prompts.count)..<((index + 1) * prompts.count)].reduce(0, +) / Double(prompts.count)
        }.min() ?? 1
    }
}
