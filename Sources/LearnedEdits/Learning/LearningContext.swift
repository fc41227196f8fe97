import DataFiles
import Directions
import Gradients
import Tasks
import TensorCore
import Tokenization
import Transformer

/// The model, the texts and the options that all stages of learning share.
final class LearningContext {
    let model: LanguageModel
    let workers: WorkerPool
    let options: LearningOptions
    let isCancelled: () -> Bool
    let neutralLogits: NeutralLogits
    let neutralText: NeutralText
    /// z at the neutral texts' last tokens.
    let neutralZ: HeadCollection
    private let run: GradientRun
    /// Prompts that go through the model once, for all stages and for the control.
    private let pasts: PromptPasts

    /// - Throws: `InputError` if a neutral text has fewer than two tokens or is too long; `CancellationError`.
    init(
        _ model: LanguageModel, tokenizer: Tokenizer, workers: WorkerPool, options: LearningOptions, neutral: [String],
        isCancelled: @escaping () -> Bool
    ) throws {
        self.model = model
        self.workers = workers
        self.options = options
        self.isCancelled = isCancelled
        neutralText = try NeutralText(
            model, texts: neutral, tokenizer: tokenizer, workers: workers, seed: options.seed,
            isCancelled: isCancelled)
        neutralLogits = try NeutralLogits(neutralText.texts, model: model, workers: workers, isCancelled: isCancelled)
        neutralZ = try HeadCollection(neutralText.texts, model: model, workers: workers, isCancelled: isCancelled)
        run = GradientRun(model, workers: workers)
        run.isCancelled = isCancelled
        // Three hundred questions take 3 GB with a model of half a billion parameters. Without room, they are
        // recomputed in every step with bit-identical results, so that only the time depends on the machine.
        pasts = PromptPasts(
            run, positions: options.positions.rule, bytes: max(1 << 30, (SystemMemory.available ?? 0) / 4))
    }

    /// The position rule of all edits.
    var positions: PositionRule { options.positions.rule }
    /// All heads of the model.
    var heads: [Head] { Head.all(model.configuration) }

    func differences(of items: [LearningItem]) throws -> ItemDifferences {
        try ItemDifferences(items, model: model, pasts: pasts, workers: workers, isCancelled: isCancelled)
    }

    /// The gradient of the mean loss of all items, without a divergence, by the edits of some heads.
    func gradient(
        _ data: LearningData, _ loss: PreferenceLoss, heads: [Head], edits: [AffineEdit]
    ) throws -> [AffineGradient] {
        try makeGradient(data, loss).gradient(
            of: Array(data.fit.indices), neutral: 0, divergenceWeight: 0, heads: heads,
            edits: edits.runEdits(of: heads, at: positions)
        ).gradients
    }

    private func makeGradient(_ data: LearningData, _ loss: PreferenceLoss) -> LossGradient {
        LossGradient(
            data.fit, unedited: data.unedited, loss: loss, positions: positions, neutral: neutralLogits, run: run,
            pasts: pasts)
    }

    /// KL(unedited ‖ edited) on neutral texts, in nats a token; the largest finite number if the edits leave no finite
    /// logits.
    func divergence(_ edits: [Edit]) throws -> Double { try neutralText.cost(edits: edits).mean }

    // MARK: A stage

    /// Fits a stage, from its beginning or from where it was stopped.
    ///
    /// - Parameters:
    ///   - state: the stage after a whole epoch; nil to start from the beginning.
    ///   - onStep: called after each step with the number of steps done, the number of all steps, and the last epoch.
    ///   - onEpoch: called after each epoch.
    /// - Throws: `InputError` if the loss becomes NaN or infinite; `CancellationError`; what `onEpoch` throws.
    func fit(
        _ stage: LearningStage, to data: LearningData, from state: StageState?,
        onStep: (_ done: Int, _ of: Int, LearningEpoch?) -> Void, onEpoch: (StageState) throws -> Void
    ) throws -> StageState {
        let gradient = makeGradient(data, stage.loss)
        let steps = (data.fit.count + stage.batch - 1) / stage.batch
        let known = state.flatMap { $0.isOf(stage, stepsOfEpoch: steps) ? $0 : nil }
        var state = try known ?? begin(stage, data)
        let all = steps * stage.epochs
        while !state.isDone {
            let epoch = state.epochs.count
            var random = stage.random(epoch: epoch, seed: options.seed)
            var order = Array(data.fit.indices)
            random.shuffle(&order)
            var losses: [Double] = []
            for start in stride(from: 0, to: order.count, by: stage.batch) {
                let step = (epoch - 1) * steps + losses.count
                let noise: [Double]? =
                    stage.parameters.noises == 0 ? nil : (0..<stage.parameters.noises).map { _ in random.uniform() }
                let items = Array(order[start..<min(start + stage.batch, order.count)])
                losses.append(
                    try self.step(stage, step, of: all, on: items, noise, gradient, &state) * Double(items.count))
                onStep(step + 1, all, state.epochs.last)
            }
            try end(stage, data, loss: losses.reduce(0, +) / Double(data.fit.count), &state)
            try onEpoch(state)
        }
        return state
    }

    private func begin(_ stage: LearningStage, _ data: LearningData) throws -> StageState {
        var random = stage.random(epoch: -1, seed: options.seed)
        var state = StageState(stage.start ?? stage.parameters.initial(&random))
        try note(stage, data, epoch: 0, loss: nil, &state)
        return state
    }

    /// Takes one step of Adam and returns the loss before it.
    private func step(
        _ stage: LearningStage, _ step: Int, of all: Int, on items: [Int], _ noise: [Double]?,
        _ gradient: LossGradient, _ state: inout StageState
    ) throws -> Double {
        if isCancelled() { throw CancellationError() }
        let values = state.parameters.values
        let found = try gradient.gradient(
            of: items, neutral: step % neutralText.texts.count, divergenceWeight: stage.divergenceWeight,
            heads: stage.parameters.heads, edits: stage.parameters.runEdits(values, noise: noise, at: positions))
        var slopes = stage.parameters.gradient(values, noise: noise, of: found.gradients)
        for (index, slope) in stage.parameters.penaltyGradient(values, step: step).enumerated() {
            slopes[index] += slope
        }
        clip(&slopes, norm: LearningStage.gradientNorm)
        state.adam.step(
            &state.parameters.values, gradient: slopes,
            rate: stage.rate * stage.schedule.factor(step: step, of: all))
        return found.loss
    }

    private func end(_ stage: LearningStage, _ data: LearningData, loss: Double, _ state: inout StageState) throws {
        try note(stage, data, epoch: state.epochs.count, loss: loss, &state)
        let epoch = state.epochs.count - 1
        let isLast = epoch == stage.epochs
        state.isDone = isLast || (stage.stopsEarly && epoch - state.takenEpoch >= LearningStage.patience)
    }

    /// Measures an epoch, and takes its parameters if they are the best so far.
    private func note(
        _ stage: LearningStage, _ data: LearningData, epoch: Int, loss: Double?, _ state: inout StageState
    ) throws {
        let edits = stage.parameters.runEdits(state.parameters.values, at: positions)
        let standing = try data.standing(edits, stage.loss)
        let noted = LearningEpoch(
            epoch: epoch, loss: loss, stopLoss: standing.loss, stopChange: standing.change,
            neutralKL: try divergence(edits))
        state.epochs.append(noted)
        let isAllowed = noted.neutralKL <= options.mostDivergence && noted.stopLoss.isFinite
        // If the start from an earlier stage is beyond the budget itself, an epoch within it replaces the start.
        let best = state.epochs[state.takenEpoch]
        let isBetter =
            isAllowed && (best.neutralKL > options.mostDivergence || noted.stopLoss < best.stopLoss)
        if epoch == 0 || !stage.stopsEarly || isBetter {
            state.taken = state.parameters
            state.takenEpoch = epoch
        }
    }
}
