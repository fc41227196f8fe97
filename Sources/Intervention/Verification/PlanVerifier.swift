import DataFiles
import Directions
import TensorCore
import Transformer

/// Checks a plan by running it, beyond what its files show.
///
/// It checks whether each edit moves in the direction and by the length that its record says, and which site and
/// positions a run really touches. It also checks whether a strength of 0 changes nothing, and whether the effects
/// recorded when the plan was made are reproduced.
///
/// ```swift
/// let verifier = PlanVerifier(model, workers: workers)
/// let found = try verifier.verify(LoadedPlan(contentsOf: url))
/// print(found.holds, found.failed, found.notRecorded)
/// ```
///
/// | check | what is compared |
/// |---|---|
/// | `model` | the model's fingerprint with those of the plan and of its record |
/// | `edits` | the plan's list of targets and operations with the record's |
/// | `touched` | the heads and sites that change in an executed run with the record's |
/// | `direction of T` | the change at the target in that run with the record's, by the signed cosine |
/// | `length of T` | the length of the same change |
/// | `positions of T` | the positions of the same change |
/// | `run of T` | the same run with plain arithmetic on the plan itself |
/// | `strength 0` | a run at strengths that change nothing with an unedited run, bit by bit |
/// | `activations of T` | the recorded texts, read again, along the plan's direction |
/// | `logits without the plan`, `effect` | the recorded prompts, run again |
/// | `data …` | see ``DirectionCheck`` |
///
/// A check for which nothing is recorded is listed as such; it neither holds nor fails.
public struct PlanVerifier {
    /// The model that the plan is run on.
    public let model: LanguageModel
    let workers: WorkerPool
    /// The prompts to trace after those of the plan's record, each of at least one token; at most two are traced in all.
    public var prompts: [[Int]]
    /// Called before each layer; if it returns true, the work throws `CancellationError`.
    public var isCancelled: () -> Bool = { Task.isCancelled }

    /// The maximum number of traced texts, and the maximum number of targets for which more than one text is traced.
    static let mostTexts = 2
    static let fewTargets = 32

    /// Makes a verifier.
    ///
    /// - Parameter prompts: the prompts to trace after those of the plan's record.
    /// - Precondition: each prompt has at least one token.
    public init(_ model: LanguageModel, prompts: [[Int]] = [], workers: WorkerPool) {
        self.model = model
        self.prompts = prompts
        self.workers = workers
    }

    /// Checks a plan.
    ///
    /// - Parameters:
    ///   - data: labelled texts whose activations the plan's directions are compared with; nil leaves this check out.
    ///   - onProgress: called with the number of targets traced and the number of all targets.
    /// - Throws: `InputError` if the plan can't be run on the model at all, because of another shape, a missing
    ///   direction or a broken record; `CancellationError`. Another fingerprint doesn't throw; it is a check that
    ///   fails.
    /// - Complexity: a few short texts through the model for each target.
    public func verify(
        _ plan: LoadedPlan, data: DirectionCheck? = nil, onProgress: (_ done: Int, _ of: Int) -> Void = { _, _ in }
    ) throws -> PlanVerification {
        for prompt in prompts { try model.check(prompt: prompt) }
        let c = model.configuration
        try plan.check(model, allowOtherModel: true, workers: workers)
        let record = plan.plan.record
        try record?.check(model, place: "\(plan.name): record")
        let planned = try plan.recordedEdits(c)
        let resolved = try plan.edits(c)

        var checks = [try modelCheck(plan.plan), Self.editsCheck(planned, record)]
        let trace = try makeTrace(planned, record)
        let traced = try self.traced(planned, resolved, record, trace, likeness(plan), onProgress)
        checks += traced.checks
        checks.append(try strengthCheck(plan, trace))
        checks += try activationChecks(plan, record)
        checks += try effectChecks(resolved, record)
        if let data { checks += try data.checks(plan, c) }
        return PlanVerification(
            checks: checks, trace: traced.trace, texts: trace.texts.map(\.tokens),
            promptCounts: trace.texts.map(\.prompt.count))
    }

    // MARK: The plan's files

    private func modelCheck(_ plan: InterventionPlan) throws -> PlanVerification.Check {
        let expected = [plan.model?.fingerprint, plan.record?.fingerprint].compactMap(\.self)
        guard let first = expected.first else {
            return .init("model", .notRecorded, note: "neither the plan nor a record names a model")
        }
        let found = try model.fingerprint(workers: workers)
        let other = expected.first { $0 != found }
        return .init(
            "model", holds: other == nil, found: .text(found), expected: .text(other ?? first),
            note: other.map { _ in
                Set(expected).count > 1
                    ? "the plan and its record name different models" : "the plan was made for another model"
            })
    }

    private static func editsCheck(_ planned: [RecordedEdit], _ record: PlanRecord?) -> PlanVerification.Check {
        func names(_ edits: [RecordedEdit]) -> [String] {
            edits.map { "\($0.target) \($0.operation.rawValue)\($0.conditions)" }
        }
        guard let record else { return .init("edits", .notRecorded, found: .texts(names(planned))) }
        let (found, expected) = (names(planned), names(record.edits))
        return .init("edits", holds: found == expected, found: .texts(found), expected: .texts(expected))
    }

    // MARK: Strengths that change nothing

    /// Compares a run without edits with a run of the plan at strengths that change nothing, if its operations have
    /// them.
    private func strengthCheck(_ plan: LoadedPlan, _ trace: EditTrace) throws -> PlanVerification.Check {
        var nothing = plan
        nothing.plan.edits = plan.plan.edits.compactMap { edit in
            var edit = edit
            switch edit.operation {
            case .add, .rotate, .multiply: edit.strength = 0
            case .scale: edit.strength = 1
            case .zero, .mean, .projectOut, .clamp, .reflect: return nil
            }
            return edit
        }
        guard !nothing.plan.edits.isEmpty || plan.plan.edits.isEmpty else {
            return .init(
                "strength 0", .notApplicable,
                note: "the plan's operations have no strength at which they change nothing")
        }
        let values = try trace.values(under: nothing.edits(model.configuration))
        let isSame = trace.areSame(values, trace.unedited)
        let left = plan.plan.edits.count - nothing.plan.edits.count
        return .init(
            "strength 0", holds: isSame, found: .text(isSame ? "the same bits" : "other bits"),
            expected: .text("the same bits"),
            note: left > 0 ? "edits left out, as they have no strength at which they change nothing: \(left)" : nil)
    }
}

extension RecordedEdit {
    /// The conditions under which the edit does less than its operation says, as text; empty for none.
    fileprivate var conditions: String {
        var parts: [String] = []
        if keepsNorm { parts.append("keeping the norm") }
        switch schedule {
        case .constant: break
        case .decay(let rate): parts.append("decaying by \(rate)")
        case .first(let count): parts.append("for \(count) tokens")
        }
        if let gate, let target = EditTarget(gate.site, head: gate.head) {
            parts.append(
                "gated by \(target) \(gate.opensAbove ? "above" : "below") \(gate.threshold), \(gate.mode.rawValue)")
        }
        return parts.map { ", \($0)" }.joined()
    }
}
