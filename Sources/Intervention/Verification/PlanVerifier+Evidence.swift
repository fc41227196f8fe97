import Directions
import TensorCore
import Transformer

/// Repeats what the plan did when it was made.
extension PlanVerifier {
    /// Reads the recorded texts again and measures how far their activations lie along the plan's directions.
    func activationChecks(_ plan: LoadedPlan, _ record: PlanRecord?) throws -> [PlanVerification.Check] {
        let c = model.configuration
        var units: [(target: EditTarget, unit: [Double])] = []
        for (index, edit) in plan.plan.edits.enumerated()
        where edit.direction != nil && edit.operation.movesAlongDirection
            && !units.contains(where: { $0.target == edit.target })
        {
            units.append((edit.target, try plan.resolver(index, headSize: c.headSize, width: c.width).unit()))
        }
        let texts = record?.texts ?? []
        let known = units.filter { unit in texts.contains { $0.projections[unit.target] != nil } }
        let unknown = units.filter { unit in !known.contains { $0.target == unit.target } }
        guard !known.isEmpty else {
            return unknown.map { .init("activations of \($0.target)", .notRecorded) }
        }
        let rows = try texts.map { try read($0, known.map(\.target)) }
        return known.map { target, unit in
            let pairs = texts.indices.compactMap { text in
                texts[text].projections[target].map {
                    (found: dot(rows[text][target] ?? [], unit), expected: $0, label: texts[text].label)
                }
            }
            func gap(_ value: KeyPath<(found: Double, expected: Double, label: Bool), Double>) -> Double {
                func mean(_ label: Bool) -> Double {
                    let own = pairs.filter { $0.label == label }.map { $0[keyPath: value] }
                    return own.isEmpty ? 0 : own.reduce(0, +) / Double(own.count)
                }
                return mean(true) - mean(false)
            }
            let expected = pairs.map(\.expected)
            let spread = (expected.max() ?? 0) - (expected.min() ?? 0)
            let size = expected.map(abs).max() ?? 0
            let worst = pairs.map { abs($0.found - $0.expected) }.max() ?? 0
            return .init(
                "activations of \(target)", holds: worst <= 0.01 * spread + 1e-3 * size,
                found: .number(gap(\.found)), expected: .number(gap(\.expected)),
                note: "how much further along the direction recorded texts with the label lie than those without")
        } + unknown.map { .init("activations of \($0.target)", .notRecorded) }
    }

    /// The mean of each target's values over the positions of a recorded text.
    private func read(_ text: RecordedText, _ targets: [EditTarget]) throws -> [EditTarget: [Double]] {
        var exact = model
        exact.precision = .exact
        let run = Run(exact, workers: workers)
        run.isCancelled = isCancelled
        run.sequences = [exact.makeSequence(promptCount: text.ids.count)]
        let rule = PositionRule.range(from: text.positions.lowerBound, to: text.positions.upperBound)
        let sites = Array(Set(targets.map(\.site)))
        let result = try run.advance([
            Step(tokens: text.ids, reads: sites.map { Read($0, at: rule) }, logits: nil)
        ])[0]
        let size = model.configuration.headSize
        return Dictionary(
            uniqueKeysWithValues: targets.map { target in
                guard let values = result[target.site]?.values, values.rows > 0 else { return (target, []) }
                let range = target.head.map { $0.index * size..<($0.index + 1) * size } ?? 0..<values.columns
                var sums = [Double](repeating: 0, count: range.count)
                for row in 0..<values.rows {
                    for (i, column) in range.enumerated() { sums[i] += Double(values[row, column]) }
                }
                return (target, sums.map { $0 / Double(values.rows) })
            })
    }

    /// Runs the recorded prompts again, without and with the plan.
    func effectChecks(_ edits: [Edit], _ record: PlanRecord?) throws -> [PlanVerification.Check] {
        guard let record, !record.effects.isEmpty else {
            return ["logits without the plan", "effect"].map { .init($0, .notRecorded) }
        }
        let meter = EffectMeter(model, workers: workers, isCancelled: isCancelled)
        var (base, worst, largest, isSame) = (0.0, 0.0, 0.0, true)
        var changes: [(found: Double, expected: Double)] = []
        for recorded in record.effects {
            let found = try meter.effect(
                of: edits, prompt: recorded.prompt, positive: recorded.positive, negative: recorded.negative)
            for index in found.unedited.indices {
                base = max(base, abs(found.unedited[index] - recorded.unedited[index]))
                let expected = recorded.edited[index] - recorded.unedited[index]
                let off = abs(found.edited[index] - found.unedited[index] - expected)
                // Other instruction sets round differently, and a strong edit makes the difference larger.
                if off > 0.01 + 0.01 * abs(expected) { isSame = false }
                worst = max(worst, off)
                largest = max(largest, abs(expected))
            }
            changes.append((found.change, recorded.change))
        }
        func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
        return [
            .init(
                "logits without the plan", holds: base <= 0.01, found: .number(base), expected: .number(0),
                note: base <= 0.01 ? nil : "the model itself isn't the one that the plan was made on"),
            .init(
                "effect", holds: isSame, found: .number(mean(changes.map(\.found))),
                expected: .number(mean(changes.map(\.expected))),
                note: isSame
                    ? nil
                    : "mean change of the logit difference; the change of a single logit is off by up to "
                        + "\((worst * 1e3).rounded() / 1e3), and the largest recorded change is "
                        + "\((largest * 1e3).rounded() / 1e3)"),
        ]
    }
}
