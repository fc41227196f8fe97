import DataSets
import Directions
import Intervention
import Statistics
import Tasks
import TensorCore
import Transformer

/// The effects of a search's plan on a few of the texts and items that the plan was found with.
///
/// The plan's record keeps them, so that anybody can check whether they are reproduced.
public struct SearchEvidence: Sendable {
    /// The plan's edits.
    public var edits: [RecordedEdit]
    /// The projections of some texts of both classes, evenly spaced.
    public var texts: [RecordedText]
    /// The effects on some items, evenly spaced.
    public var effects: [RecordedEffect]

    /// The maximum number of texts of each class, and of items.
    private static let textsOfClass = 6
    private static let items = 6

    /// Measures the effects.
    ///
    /// - Parameters:
    ///   - table: z of the texts, one row for each text.
    /// - Throws: `InputError` if the plan makes a logit NaN or infinite; `CancellationError`.
    init(
        _ heads: [HeadDirection], strengths: [Double], table: ActivationTable, texts: [PreparedText],
        items: [ContrastItem], model: LanguageModel, workers: WorkerPool, isCancelled: @escaping () -> Bool
    ) throws {
        let plan = LoadedPlan(
            InterventionPlan(
                directions: "directions.safetensors",
                edits: zip(heads, strengths).map {
                    PlannedEdit(
                        $0.head, .add, direction: .named($0.name), strength: $1, unit: .sigma, positions: .last)
                }), directions: DirectionFile(heads, residualNorms: []))
        edits = try plan.recordedEdits(model.configuration)
        let rows = [true, false].flatMap { label in
            texts.indices.filter { texts[$0].label == label }.evenly(Self.textsOfClass)
        }
        let values = heads.map { table[$0.head] }
        self.texts = rows.map { row in
            RecordedText(
                ids: texts[row].tokens, positions: texts[row].positions, label: texts[row].label,
                projections: Dictionary(
                    uniqueKeysWithValues: zip(heads, values).map { head, values in
                        let z = values.values[row * values.features..<(row + 1) * values.features]
                        return (
                            EditTarget.head(head.head),
                            zip(z, head.unit).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
                        )
                    }))
        }
        let resolved = try plan.edits(model.configuration)
        let meter = EffectMeter(model, workers: workers, isCancelled: isCancelled)
        effects = try Array(items).evenly(Self.items).map {
            try meter.effect(of: resolved, prompt: $0.prompt, positive: $0.positive, negative: $0.negative)
        }
    }

    /// The record of the plan.
    ///
    /// - Parameters:
    ///   - fingerprint: the model's fingerprint.
    ///   - source: facts about where the directions come from.
    func record(fingerprint: String, source: [String: String]) -> PlanRecord {
        PlanRecord(fingerprint: fingerprint, edits: edits, texts: texts, effects: effects, source: source)
    }
}
