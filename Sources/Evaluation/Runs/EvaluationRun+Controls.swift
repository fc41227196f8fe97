import DataFiles
import Intervention
import Tasks
import Transformer

extension EvaluationRun {
    /// The effect of a control.
    private struct ControlEffect: Codable {
        var logits: Double
        var accuracy: Double
        /// Nil if it isn't measured.
        var neutralKL: Double?
    }

    /// The controls by kind.
    ///
    /// - Parameter advance: called with 1 after each control.
    func controls(advance: (Int) -> Void) throws -> [String: ControlScores] {
        let edits = try edits(1)
        guard !edits.isEmpty else { return [:] }
        let (model, repetitions) = (evaluation.model, evaluation.repetitions)
        var random = SeededGenerator(seed: evaluation.seed, stream: 1)
        var controls: [String: ControlScores] = [:]
        let turned = (0..<repetitions).compactMap { _ in PlanControls.randomDirections(edits, using: &random) }
        controls["randomDirections"] = try scores("random directions", turned, isRandom: true, advance: advance)
        let moved = try (0..<repetitions).compactMap { _ in
            try PlanControls.randomHeads(plan, configuration: model.configuration, using: &random)?
                .edits(model.configuration)
        }
        controls["randomHeads"] = try scores("random heads", moved, isRandom: true, advance: advance)
        guard let training = input.training else { return controls }
        let shuffled = try (0..<repetitions).compactMap {
            try PlanControls.shuffledLabels(edits, training: training, seed: evaluation.seed &+ UInt64($0))
        }
        controls["shuffledLabels"] = try scores("shuffled labels", shuffled, isRandom: true, advance: advance)
        let layers = try PlanControls.layers(edits, training: training, model: model).map { [$0] } ?? []
        controls["layers"] = try scores("layers", layers, isRandom: false, advance: advance)
        return controls
    }

    /// - Parameter isRandom: whether the variants are drawn at random; if not, their cost on neutral texts is measured
    ///   too.
    private func scores(
        _ kind: String, _ variants: [[Edit]], isRandom: Bool, advance: (Int) -> Void
    ) throws -> ControlScores? {
        guard !variants.isEmpty else { return nil }
        let base = try values(0)
        let effects = try variants.enumerated().map { index, variant in
            let effect = try finding("\(kind) \(index)") {
                let values = try items().values(variant)
                return ControlEffect(
                    logits: values.meanChange(from: base), accuracy: values.meanAccuracyChange(from: base),
                    neutralKL: isRandom ? nil : try neutral().measure(edits: variant).kl.mean)
            }
            advance(1)
            return effect
        }
        return ControlScores(
            changes: effects.map(\.logits), accuracyChanges: effects.map(\.accuracy),
            neutralKL: effects.compactMap(\.neutralKL), plan: try values(1).meanChange(from: base), isRandom: isRandom)
    }
}

extension ItemScorer.Values {
    /// The mean change of the logit difference.
    package func meanChange(from before: ItemScorer.Values) -> Double {
        zip(differences, before.differences).reduce(0) { $0 + $1.0 - $1.1 } / Double(max(before.differences.count, 1))
    }

    /// The mean change of the share of answers for the behaviour.
    package func meanAccuracyChange(from before: ItemScorer.Values) -> Double {
        zip(matches, before.matches).reduce(0) { $0 + $1.0 - $1.1 } / Double(max(before.matches.count, 1))
    }
}
