import DataFiles
import Intervention
import TensorCore
import Tokenization
import Transformer

/// Measures what a plan does: logit differences, answers and texts with and without it, controls, side effects.
///
/// Its methods evaluate once; an ``EvaluationRun`` measures what a report and doses have in common only once, and goes on where it was stopped.
public struct PlanEvaluation {
    /// Repetitions of each random control: as many as give a p value below 0.1.
    public static let repetitions = 10

    let model: LanguageModel
    let tokenizer: Tokenizer
    let workers: WorkerPool
    let seed: UInt64
    /// Repetitions of each random control; at least ``repetitions`` say something.
    public var repetitions = PlanEvaluation.repetitions
    /// The most tokens of each text.
    public var textTokens = 24
    /// +1 where the plan should bring the behaviour about, −1 where it should lessen it.
    public var intended = 1
    /// Asked before each layer: if it returns true, the work throws `CancellationError`.
    public var isCancelled: () -> Bool = { Task.isCancelled }

    /// An evaluation; the same seed gives the same controls and intervals.
    public init(_ model: LanguageModel, tokenizer: Tokenizer, workers: WorkerPool, seed: UInt64 = 0) {
        self.model = model
        self.tokenizer = tokenizer
        self.workers = workers
        self.seed = seed
    }

    /// Evaluates a plan.
    ///
    /// - Parameters:
    ///   - onProgress: called with the number of parts done, and of all.
    /// - Returns: the report, and how long its parts took.
    /// - Throws: `InputError` if the plan lacks what an edit needs; `CancellationError`.
    public func evaluate(
        _ plan: LoadedPlan, input: EvaluationInput, onProgress: (_ done: Int, _ of: Int) -> Void = { _, _ in }
    ) throws -> (report: EvaluationReport, seconds: [StageSeconds]) {
        try EvaluationRun(self, of: plan, on: input).report(onProgress: onProgress)
    }

    /// Evaluates a plan at several doses; see ``EvaluationRun/doseResponse(factors:randomDirections:onProgress:)``.
    ///
    /// - Throws: `InputError` if an edit has no dose; `CancellationError`.
    public func doseResponse(
        _ plan: LoadedPlan, input: EvaluationInput, factors: [Double] = DoseResponse.factors, randomDirections: Int = 5,
        onProgress: (_ done: Int, _ of: Int) -> Void = { _, _ in }
    ) throws -> DoseResponse {
        try EvaluationRun(self, of: plan, on: input).doseResponse(
            factors: factors, randomDirections: randomDirections, onProgress: onProgress)
    }

    /// What edits are measured on, for runs and other work that share it.
    package func texts(of input: EvaluationInput) -> EvaluationTexts {
        EvaluationTexts(
            items: input.items, neutral: input.neutral, model: model, tokenizer: tokenizer, workers: workers,
            seed: seed,
            isCancelled: isCancelled)
    }
}
