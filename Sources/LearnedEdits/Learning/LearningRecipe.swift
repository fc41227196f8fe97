import DataFiles
import Transformer

/// The stages of each method, with the constants from their sources.
struct LearningRecipe {
    let context: LearningContext
    let data: LearningData
    /// Whether the labels are shuffled.
    let isControl: Bool

    private var options: LearningOptions { context.options }
    private var size: Int { context.model.configuration.headSize }

    /// LoFiT learns from preferences with β = 0.5.
    private static let preference = PreferenceLoss(beta: 0.5, isRelative: true)

    private func stage(
        _ name: String, _ number: UInt64, _ parameters: any HeadParameters, start: [Double]? = nil, rate: Double,
        _ schedule: RateSchedule, epochs: Int? = nil, stopsEarly: Bool
    ) -> LearningStage {
        LearningStage(
            name: isControl ? name + ", shuffled labels" : name, number: isControl ? number + 100 : number,
            parameters: parameters, start: start, loss: Self.preference, rate: rate, schedule: schedule,
            epochs: epochs ?? options.epochs, batch: options.method.batch, divergenceWeight: options.divergenceWeight,
            stopsEarly: stopsEarly)
    }

    /// The K heads with the largest sizes; in a tie, the first ones.
    private func largest(_ heads: [Head], _ sizes: [Double]) -> [Head] {
        let order = heads.indices.sorted { sizes[$0] != sizes[$1] ? sizes[$0] > sizes[$1] : $0 < $1 }
        return order.prefix(options.heads).map { heads[$0] }
    }

    // MARK: LoFiT

    /// λ of the source, for Llama-2-7B on TruthfulQA.
    private static let penalty = 5e-4
    /// The share of scalings that λ keeps at 0 at the beginning.
    private static let sparsity = 0.9

    /// λ: the source's value, or the value that nine tenths of the gradients are below, if that is larger, as in small
    /// models.
    ///
    /// Adam takes steps of the same size for any gradient, so only λ separates the heads.
    private func penalty() throws -> Double {
        let gradients = try context.gradient(
            data, Self.preference, heads: context.heads, edits: context.heads.map { _ in AffineEdit() })
        let sizes = gradients.flatMap(\.factors).map(abs).sorted()
        return max(Self.penalty, sizes[min(Int(Self.sparsity * Double(sizes.count)), sizes.count - 1)])
    }

    /// Fits scalings of all heads, then offsets of the K heads with the largest scalings.
    ///
    /// Scalings have a rate of 0.005 for a quarter of the epochs, and offsets a rate of 0.01. These are the constants
    /// for Llama-2-7B on TruthfulQA.
    func lofit(_ journal: inout LearningJournal) throws -> Learned {
        let scalings = Scalings(heads: context.heads, size: size, penalty: try penalty())
        let first = stage(
            "scalings", 1, scalings, rate: 5e-3, .linear, epochs: max(1, options.epochs / 4), stopsEarly: false)
        let scaled = try journal.fit(first, to: data, context)
        let sizes = scalings.norms(scaled.taken.values)
        let chosen = largest(context.heads, sizes)
        let offsets = Offsets(heads: chosen.sorted(), size: size)
        let second = stage(
            "offsets", 2, offsets, rate: options.learningRate ?? 1e-2, .linear, stopsEarly: true)
        let added = try journal.fit(second, to: data, context)
        return Learned(
            heads: chosen, edits: offsets.edits(added.taken.values, noise: nil),
            sizes: Dictionary(uniqueKeysWithValues: zip(context.heads, sizes)),
            curves: [LearningCurve(first, scaled), LearningCurve(second, added)])
    }

    // MARK: JoLA

    /// Fits gated edits of all heads at a rate of 0.005, then continues with only the K heads whose edits do most.
    ///
    /// The effect of an edit is how much it reduces the loss, to first order from the point at which all edits are half
    /// as large.
    func jola(_ journal: inout LearningJournal) throws -> Learned {
        let c = context.model.configuration
        func edits(_ heads: [Head]) -> GatedEdits {
            GatedEdits(heads: heads, size: size, layers: c.layers, headsOfLayer: c.heads)
        }
        let schedule = RateSchedule.cosine(warmUp: 0.1)
        let all = edits(context.heads)
        let first = stage("gated edits", 1, all, rate: 5e-3, schedule, stopsEarly: true)
        let gated = try journal.fit(first, to: data, context)
        let made = all.edits(gated.taken.values, noise: nil)
        let slopes = try context.gradient(data, Self.preference, heads: all.heads, edits: made.map(\.half))
        let sizes = zip(made, slopes).map { -$0.product($1) }
        let chosen = largest(context.heads, sizes)
        let few = edits(chosen.sorted())
        let second = stage(
            "gated edits of the chosen heads", 2, few, start: few.parameters(gated.taken.values, of: all),
            rate: options.learningRate ?? 5e-3, schedule, stopsEarly: true)
        let again = try journal.fit(second, to: data, context)
        return Learned(
            heads: chosen, edits: few.edits(again.taken.values, noise: nil),
            sizes: Dictionary(uniqueKeysWithValues: zip(context.heads, sizes)),
            curves: [LearningCurve(first, gated), LearningCurve(second, again)])
    }

    // MARK: Causal head gating

    /// Fits gates of all heads at a rate of 1: first free, then from there under a pressure of 0.1 to close, and to
    /// open.
    func gates(_ journal: inout LearningJournal) throws -> Learned {
        func fit(
            _ name: String, _ number: UInt64, _ pressure: Double, from start: [Double]?,
            _ journal: inout LearningJournal
        ) throws -> (stage: LearningStage, state: StageState) {
            var stage = stage(
                name, number, ScalarGates(heads: context.heads, pressure: pressure), start: start,
                rate: options.learningRate ?? 1, .constant, stopsEarly: false)
            // Compared answers need no d₀, and the cost of gates on other text isn't part of the question.
            stage.loss = PreferenceLoss(beta: 1, isRelative: !data.fit.contains { $0.isCompared })
            stage.divergenceWeight = 0
            return (stage, try journal.fit(stage, to: data, context))
        }
        let free = try fit("gates", 1, 0, from: nil, &journal)
        let closing = try fit("gates under pressure to close", 2, 0.1, from: free.state.taken.values, &journal)
        let opening = try fit("gates under pressure to open", 3, -0.1, from: free.state.taken.values, &journal)
        let sizes = closing.state.taken.values.map(sigmoid)
        let chosen = largest(context.heads, sizes)
        var roles: [Head: GateRole] = [:]
        for (index, head) in context.heads.enumerated() {
            roles[head] = GateRole(
                free: sigmoid(free.state.taken.values[index]), closing: sizes[index],
                opening: sigmoid(opening.state.taken.values[index]))
        }
        return Learned(
            heads: chosen, edits: chosen.map { _ in AffineEdit(factors: [0]) },
            sizes: Dictionary(uniqueKeysWithValues: zip(context.heads, sizes)), roles: roles,
            curves: [free, closing, opening].map { LearningCurve($0.stage, $0.state) })
    }
}

extension LearningItem {
    /// Whether d compares answers to one prompt, so that it has a meaning without d₀.
    var isCompared: Bool { if case .completion = measure { false } else { true } }
}

extension LearningCurve {
    init(_ stage: LearningStage, _ state: StageState) {
        self.init(stage: stage.name, epochs: state.epochs, taken: state.takenEpoch)
    }
}
