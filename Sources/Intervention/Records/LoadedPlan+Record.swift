import DataFiles
import TensorCore
import Transformer

extension LoadedPlan {
    /// The plan's edits in the form that a record keeps.
    ///
    /// - Throws: what ``edits(_:)`` throws.
    public func recordedEdits(_ configuration: ModelConfiguration) throws -> [RecordedEdit] {
        try zip(plan.edits, edits(configuration)).map { planned, resolved in
            let (direction, amount) = Self.recordedParts(resolved.change, planned)
            return RecordedEdit(
                planned.target, planned.operation, direction: direction, amount: amount,
                positions: resolved.positions, keepsNorm: resolved.keepsNorm, schedule: resolved.schedule,
                gate: resolved.gate)
        }
    }

    /// The unit vector, or the values in its place, and the amount of a change.
    static func recordedParts(
        _ change: Change, _ planned: PlannedEdit
    ) -> (direction: [Float]?, amount: Double?) {
        switch change {
        case .zero, .custom: return (nil, nil)
        case .scale(let factor): return (nil, Double(factor))
        case .replace(let values), .multiply(let values): return (values, nil)
        case .projectOut(let unit), .reflect(let unit): return (unit, nil)
        case .setComponent(let unit, let value): return (unit, Double(value))
        case .rotate(let unit, let degrees): return (unit, Double(degrees))
        case .add(let vector):
            // A negative strength gives a negative length along the direction, not the opposite direction.
            let norm = vector.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
            let length = (planned.strength ?? 0) < 0 ? -norm : norm
            return (norm > 0 ? vector.map { Float(Double($0) / length) } : nil, norm > 0 ? length : 0)
        }
    }

    /// The plan with a record of its edits and of their effects.
    ///
    /// - Parameters:
    ///   - prompts: a few prompts, each of at least one token; the plan's effect on their next token is recorded.
    ///   - texts: labelled texts of the fit, with projections.
    ///   - source: facts about where the directions come from; see ``PlanRecord/source(_:)``.
    ///   - isCancelled: called before each layer of a pass.
    /// - Throws: what ``edits(_:)`` throws; `InputError` if a prompt is too long; `CancellationError`.
    /// - Complexity: two passes over the prompts.
    public func recorded(
        on model: LanguageModel, fingerprint: String, prompts: [[Int]], texts: [RecordedText] = [],
        source: [String: String] = [:], workers: WorkerPool,
        isCancelled: @escaping () -> Bool = { Task.isCancelled }
    ) throws -> LoadedPlan {
        var recorded = self
        let resolved = try edits(model.configuration)
        let meter = EffectMeter(model, workers: workers, isCancelled: isCancelled)
        recorded.plan.record = PlanRecord(
            fingerprint: fingerprint, edits: try recordedEdits(model.configuration), texts: texts,
            effects: try prompts.compactMap { try meter.effect(of: resolved, prompt: $0) }, source: source)
        return recorded
    }
}

extension RecordedEdit {
    /// The edit, ready for a run.
    var edit: Edit {
        let vector = direction ?? []
        let amount = amount ?? 0
        let change: Change =
            switch operation {
            case .add: .add(vector.map { Float(amount * Double($0)) })
            case .scale: .scale(Float(amount))
            case .zero: .zero
            case .multiply: .multiply(vector)
            case .mean: .replace(vector)
            case .projectOut: .projectOut(vector)
            case .clamp: .setComponent(vector, Float(amount))
            case .reflect: .reflect(vector)
            case .rotate: .rotate(vector, degrees: Float(amount))
            }
        return Edit(
            target.site, head: target.head?.index, positions: positions, keepsNorm: keepsNorm, schedule: schedule,
            gate: gate, change)
    }
}
