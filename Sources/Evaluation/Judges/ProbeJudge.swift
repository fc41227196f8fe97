import DataFiles
import Directions
import Foundation
import Tasks
import TensorCore
import Transformer

/// A judge that reads a text with a model and applies probes to some heads.
///
/// A text whose activations look like those of the behaviour gets a high score.
///
/// The model reads the prompt and the text, unedited. The score of a position is the mean over heads of
/// (z · θ̂ − threshold) / σ, where σ is the spread within the classes. Let s be the mean score over the text's own
/// tokens. The score of the text is 5 / (1 + exp(−s)): 2.5 on the threshold, 3.66 one σ above it. Use heads other than
/// the edited ones, and directions fitted to texts other than the judged ones. Otherwise the judge gives no new
/// information.
public struct ProbeJudge: TextJudge {
    /// The name of the judge in reports.
    public let name: String
    /// The model that reads the texts, unedited.
    public let model: LanguageModel
    /// The heads that are read, each with its direction and threshold.
    public let probes: [HeadDirection]
    private let workers: WorkerPool

    /// Makes a judge from a model and probes.
    ///
    /// - Parameter probes: directions with thresholds, at least one; each must have classes that differ and have a
    ///   spread.
    /// - Throws: `InputError` if there is no probe, or if a probe has no direction or no spread or is at a head that
    ///   the model doesn't have.
    public init(_ name: String = "probe", model: LanguageModel, probes: [HeadDirection], workers: WorkerPool) throws {
        guard !probes.isEmpty else {
            throw InputError.usage("a probe judge without probes", remedy: "give the directions of some heads")
        }
        let c = model.configuration
        for probe in probes {
            guard
                (0..<c.layers).contains(probe.head.layer), (0..<c.heads).contains(probe.head.index),
                probe.unit.count == c.headSize
            else {
                throw InputError.badData(
                    "a probe at head \(probe.head) that doesn't fit the model",
                    in: "the judge \(name)",
                    remedy: "take probes of this model")
            }
            guard !probe.isZero, probe.withinClassSigma > 0, probe.withinClassSigma.isFinite else {
                throw InputError.badData(
                    "a probe without a direction or a spread at head \(probe.head)",
                    in: "the judge \(name)",
                    remedy: "leave it out")
            }
        }
        self.name = name
        self.model = model
        self.probes = probes
        self.workers = workers
    }

    /// The score of each text; 2.5 for a text without tokens.
    ///
    /// - Throws: `InputError` if a text has no prompt, has a token that the model doesn't have, or is longer than the
    ///   model's context; `CancellationError`.
    /// - Complexity: one forward pass over prompts and texts, up to the last probed layer.
    public func scores(_ texts: [JudgedText]) throws -> [Double] {
        try meanScores(texts).map { score in
            score.map { JudgeScale.range.upperBound / (1 + exp(-$0)) } ?? JudgeScale.neutral
        }
    }

    /// s of each text; nil for one without tokens.
    private func meanScores(_ texts: [JudgedText]) throws -> [Double?] {
        var result = [Double?](repeating: nil, count: texts.count)
        let layers = Set(probes.map(\.head.layer)).sorted()
        let depth = (layers.last ?? 0) + 1
        let run = Run(model, workers: workers)
        for (index, text) in texts.enumerated() where text.promptTokens.isEmpty {
            throw InputError.badData(
                "a text without its prompt's tokens", in: "text \(index + 1) of the judge \(name)",
                remedy: "give the tokens that the text was generated from")
        }
        var next = texts.indices.filter { !texts[$0].tokens.isEmpty }[...]
        while !next.isEmpty {
            var (batch, rows): ([Int], Int) = ([], 0)
            while let index = next.first {
                let count = texts[index].promptTokens.count + texts[index].tokens.count
                if !batch.isEmpty, rows + count > Run.maximumRows { break }
                batch.append(index)
                rows += count
                next = next.dropFirst()
            }
            run.sequences = batch.map { model.makeSequence(promptCount: texts[$0].promptTokens.count) }
            let steps = batch.enumerated().map { sequence, index in
                Step(
                    sequence: sequence, tokens: texts[index].promptTokens + texts[index].tokens,
                    reads: layers.map { Read(.z($0), at: .generated) }, logits: nil)
            }
            for (index, step) in zip(batch, try run.advance(steps, stoppingAfter: depth)) {
                result[index] = score(step)
            }
        }
        return result
    }

    /// The mean score over positions and probes.
    private func score(_ step: StepResult) -> Double {
        let headSize = model.configuration.headSize
        var (sum, count) = (0.0, 0)
        for probe in probes {
            guard let z = step[.z(probe.head.layer)] else { continue }
            for position in 0..<z.values.rows {
                let head = z.values.row(position).dropFirst(probe.head.index * headSize).prefix(headSize)
                sum += probe.score(head) / probe.withinClassSigma
                count += 1
            }
        }
        return sum / Double(max(count, 1))
    }
}
