import DataFiles
import Intervention
import TensorCore
import Tokenization
import Transformer

/// Measures the effects of a plan: logit differences, answers and texts with and without it, controls, side effects.
///
/// Each method here measures everything again. An ``EvaluationRun`` measures only once what a report and doses share,
/// and continues where it was stopped.
public struct PlanEvaluation {
    /// The default number of repetitions of each random control, enough to reach a p value below 0.1.
    public static let repetitions = 10

    let model: LanguageModel
    let tokenizer: Tokenizer
    let workers: WorkerPool
    let seed: UInt64
    /// The number of repetitions of each random control; fewer than ``repetitions`` say little.
    public var repetitions = PlanEvaluation.repetitions
    /// The maximum number of tokens in each text.
    public var textTokens = 24
    /// +1 if the plan should increase the behaviour, −1 if it should reduce it.
    public var intended = 1
    /// Called before each layer; if it returns true, the work throws `CancellationError`.
    public var isCancelled: () -> Bool = { Task.isCancelled }

    /// Makes an evaluation; the same seed gives the same controls and intervals.
    public init(_ model: LanguageModel, tokenizer: Tokenizer, workers: WorkerPool, seed: UInt64 = 0) {
        self.model = model
        self.tokenizer = tokenizer
        self.workers = workers
        self.seed = seed
    }

    /// Evaluates a plan.
    ///
    /// - Parameters:
    ///   - onProgress: called with the number of parts done and the number of all parts.
    /// - Returns: the report, and the time that its parts took.
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

    /// The items and texts that edits are measured on, for runs and other work to share.
    package func texts(of input: EvaluationInput) -> EvaluationTexts {
        EvaluationTexts(
            items: input.items, neutral: input.neutral, model: model, tokenizer: tokenizer, workers: workers,
            seed: seed,
            isCancelled: isCancelled)
    }
}
