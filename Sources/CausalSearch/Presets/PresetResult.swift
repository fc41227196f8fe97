import DataFiles
import Directions
import Foundation
import Intervention
import Tasks
import Transformer

/// The plan that a preset made from the data.
public struct PresetResult: Sendable {
    /// The recipe.
    public var preset: Preset
    /// The edits; their directions are in ``directions``.
    public var plan: InterventionPlan
    /// The directions that the plan names, with the values that other units need.
    public var directions: DirectionFile
    /// The differences between the source's rule, this implementation and our own search, and anything that the data
    /// lacked; one sentence each.
    public var notes: [String]
    /// The trials that the recipe made.
    public var trials: [PresetTrial]
    /// The strength that spends a budget and how it was found; nil if the plan has the recipe's strength.
    public private(set) var spent: BudgetedStrength?
    /// The time that each stage took, in seconds.
    public var seconds: [StageSeconds]
    /// The plan's edits and their effects after some neutral texts, for the plan's record.
    private(set) var recordedEdits: [RecordedEdit] = []
    private(set) var effects: [RecordedEffect] = []

    init(
        preset: Preset, plan: InterventionPlan, directions: DirectionFile, notes: [String], trials: [PresetTrial],
        seconds: [StageSeconds]
    ) {
        self.preset = preset
        self.plan = plan
        self.directions = directions
        self.notes = notes
        self.trials = trials
        self.seconds = seconds
    }

    /// The plan's edits, ready for a run.
    ///
    /// - Throws: `InputError` if a direction has no length.
    public func edits(_ configuration: ModelConfiguration) throws -> [Edit] {
        try LoadedPlan(plan, directions: directions, name: "the plan of \(preset.rawValue)").edits(configuration)
    }

    /// Measures the plan's cost on neutral texts and records it in a trial of the stage `plan` and in a note.
    mutating func measureCost(_ context: PresetContext, neutral: [String]) throws {
        let edits = try edits(context.model.configuration)
        let kl = try context.neutralKL(edits, texts: neutral)
        try record(context, neutral: neutral)
        trials.append(
            PresetTrial(
                stage: "plan", target: plan.edits.map(\.target.description).joined(separator: ", "),
                strength: plan.edits.first?.strength, kl: kl, isChosen: true))
        let most = SideEffectBudget().mostKL
        notes.append(
            kl > most
                ? "The plan costs a KL of \(PresetNumber.text(kl)) nats on neutral texts. At this strength the model "
                    + "hardly writes sensible text any more (our own search allows \(PresetNumber.text(most))), so "
                    + "look at texts before scores."
                : "The plan costs a KL of \(PresetNumber.text(kl)) nats on neutral texts.")
    }

    /// Replaces the published strength with the strength that spends a budget on neutral texts.
    ///
    /// - Throws: `InputError` if the plan's operation has no strength, or if no strength spends the budget;
    ///   `CancellationError`.
    public mutating func spend(_ budget: KLBudget, _ context: PresetContext, neutral: [String] = NeutralTexts.sentences)
        throws
    {
        let published = plan.edits.first?.strength ?? 0
        let loaded = LoadedPlan(plan, directions: directions, name: "the plan of \(preset.rawValue)")
        let (scaled, found) = try loaded.spending(
            budget,
            on: NeutralText(
                context.model, texts: neutral, tokenizer: context.tokenizer, workers: context.workers,
                isCancelled: context.isCancelled))
        plan = scaled.plan
        spent = found
        try record(context, neutral: neutral)
        trials.append(
            PresetTrial(
                stage: "budget", target: plan.edits.map(\.target.description).joined(separator: ", "),
                strength: plan.edits.first?.strength, kl: found.cost.mean, isChosen: true))
        notes.append(
            "The strength is the one that spends \(budget.text) on neutral texts, \(PresetNumber.text(found.factor)) times the "
                + "recipe's \(PresetNumber.text(published)).")
    }

    /// Records the plan's edits and their effects after the beginnings of some neutral texts, for the plan's record.
    mutating func record(_ context: PresetContext, neutral: [String]) throws {
        let loaded = LoadedPlan(plan, directions: directions)
        recordedEdits = try loaded.recordedEdits(context.model.configuration)
        do {
            effects = try context.effects(of: loaded.edits(context.model.configuration), after: neutral)
        } catch let error as InputError where error.kind == .notFinite {
            // A plan that leaves no finite logits has no effect that could be reproduced.
            effects = []
        }
    }

    /// Writes `plan.json`, `directions.safetensors`, `report.json` and `times.json` to a folder, which is made if it
    /// doesn't exist.
    ///
    /// - Parameters:
    ///   - options: the preset's options, for the report.
    ///   - provenance: other facts that the report should record, such as files, digests and versions.
    ///   - usedTexts: digests of all texts that the preset saw, so that an evaluation can check whether its own texts
    ///     are among them.
    /// - Throws: `InputError` if the folder can't be written to.
    public func write(
        to folder: URL, model: ModelReference, options: some Encodable, provenance: [String: String] = [:],
        usedTexts: [String] = []
    ) throws {
        try AtomicOutput.makeFolder(folder)
        var file = directions
        file.metadata = ["fingerprint": model.fingerprint, "preset": preset.rawValue]
        try file.write(to: folder.appending(path: "directions.safetensors"))
        let encoder = JSONEncoder.indented
        try AtomicOutput.write(
            try encoder.encode(
                PresetReport(
                    preset: preset, source: preset.source, fingerprint: model.fingerprint, provenance: provenance,
                    options: options, notes: notes, trials: trials, usedTexts: usedTexts)),
            to: folder.appending(path: "report.json"))
        try AtomicOutput.write(try encoder.encode(seconds), to: folder.appending(path: "times.json"))
        // The plan is written last, so that the files that it needs are there when it is.
        var plan = plan
        plan.model = model
        plan.record = PlanRecord(
            fingerprint: model.fingerprint, edits: recordedEdits, effects: effects,
            source: PlanRecord.source(provenance).merging(spent?.record ?? [:]) { $1 })
        try plan.write(to: folder.appending(path: "plan.json"))
    }
}

/// A result as `report.json` records it, without times, so that the same work writes the same bytes.
private struct PresetReport<Options: Encodable>: Encodable {
    var format = "headsteer.preset/1"
    var preset: Preset
    var source: String
    var fingerprint: String
    var provenance: [String: String]
    var options: Options
    var notes: [String]
    var trials: [PresetTrial]
    var usedTexts: [String]
}
