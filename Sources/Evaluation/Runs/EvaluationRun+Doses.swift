import DataFiles
import Statistics
import Tasks

extension EvaluationRun {
    /// The effects of the plan at several doses.
    ///
    /// - Parameters:
    ///   - factors: the factors that the plan's strengths are multiplied by; 0 is added if it is missing.
    ///   - randomDirections: the number of random directions of the same length that are tried at each dose.
    /// - Throws: `InputError` if an edit has no dose; `CancellationError`.
    public func doseResponse(
        factors: [Double] = DoseResponse.factors, randomDirections: Int = 5,
        onProgress: (_ done: Int, _ of: Int) -> Void = { _, _ in }
    ) throws -> DoseResponse {
        let factors = Self.ascending(factors)
        for factor in factors where factor != 0 { _ = try plan.scaled(by: factor) }
        let (groups, seed, intended) = (input.items.groups, evaluation.seed, evaluation.intended)
        let base = try values(0)
        let texts = try texts(factors)
        var random = SeededGenerator(seed: seed, stream: 2)
        var points: [DoseResponse.Point] = []
        for (index, factor) in factors.enumerated() {
            let (edits, values) = (try edits(factor), try values(factor))
            let turned = (0..<(edits.isEmpty ? 0 : randomDirections)).compactMap { _ in
                PlanControls.randomDirections(edits, using: &random)
            }
            // The directions that are drawn depend on all factors.
            let changes = try finding("\(randomDirections) random directions × \(factor) of \(factors)") {
                try turned.map { try items().values($0).meanChange(from: base) }
            }
            points.append(
                DoseResponse.Point(
                    factor: factor, scores: ItemScores(values, groups: groups, seed: seed),
                    change: PairedChange(
                        before: base.differences, after: values.differences, groups: groups,
                        intended: factor < 0 ? -intended : intended, seed: seed),
                    neutral: try neutralEffect(factor), texts: texts?[index], randomChanges: changes,
                    unrelatedChange: try unrelatedChange(factor)))
            onProgress(index + 1, factors.count)
        }
        return DoseResponse(points: points, strength: strength, unit: plan.plan.edits.first?.unit.rawValue ?? "raw")
    }

    /// Whether doses read from a file can belong to this evaluation.
    package func fit(_ doses: DoseResponse, factors: [Double] = DoseResponse.factors) -> Bool {
        doses.points.map(\.factor) == Self.ascending(factors) && doses.strength == strength
            && doses.points.allSatisfy { fit($0.texts) }
    }

    private static func ascending(_ factors: [Double]) -> [Double] { Set(factors + [0]).sorted() }

    /// The strength of the plan's first edit.
    private var strength: Double { plan.plan.edits.first?.effectiveStrength ?? 0 }
}
