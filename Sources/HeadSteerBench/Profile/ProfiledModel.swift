import Checkpoints
import TensorCore
import Transformer

/// Profiles of one model's passes, with all threads and with one.
struct ProfiledModel {
    private let own: OwnModel
    private let rounds: Int

    init(_ own: OwnModel, rounds: Int) {
        self.own = own
        self.rounds = rounds
    }

    /// Profiles decoding one stream; figures are per token.
    func decode(after length: Int, tokens count: Int) throws -> ProfileTable {
        let work = Workload(own.configuration)
        let prompt = work.tokens(length)
        let tokens = work.tokens(count, stream: 1)
        return try table(unit: "token", units: count, rows: 1) { run, workers in
            run.sequences = [own.model.makeSequence(promptCount: prompt.count)]
            try run.advance([Step(tokens: prompt)])
            return try PassProfile.measure(run, workers: workers) {
                for token in tokens { try run.advance([Step(tokens: [token])]) }
            }
        }
    }

    /// Profiles reading a prompt, up to the logits of its last token.
    func prompt(tokens count: Int) throws -> ProfileTable {
        let tokens = Workload(own.configuration).tokens(count)
        return try table(unit: "prompt", units: 1, rows: count) { run, workers in
            run.sequences = [own.model.makeSequence(promptCount: tokens.count)]
            return try PassProfile.measure(run, workers: workers) { try run.advance([Step(tokens: tokens)]) }
        }
    }

    /// Measures with all threads and with one thread in turn, after a first run of each that doesn't count.
    private func table(
        unit: String, units: Int, rows: Int, _ measure: (Run, WorkerPool) throws -> PassProfile
    ) throws -> ProfileTable {
        let runs = [own, own.with(threads: 1)].map { (run: Run(own.model, workers: $0.workers), workers: $0.workers) }
        for (run, workers) in runs { _ = try measure(run, workers) }
        var profiles: [[PassProfile]] = [[], []]
        for _ in 0..<rounds {
            for (index, side) in runs.enumerated() { profiles[index].append(try measure(side.run, side.workers)) }
        }
        return ProfileTable(
            unit: unit, units: units, all: profiles[0], single: profiles[1], weights: try weights(rows: rows))
    }

    /// The weights that the products of each stage read and multiply.
    ///
    /// - Parameter rows: the number of tokens in a pass; logits are computed for one of them.
    private func weights(rows: Int) throws -> [ProfileStage: StageWeights] {
        var weights: [ProfileStage: StageWeights] = [:]
        for tensor in try own.model.checkpoint.tensors() {
            guard let stage = ProfileStage(tensor: tensor.name, tied: own.configuration.tiedEmbeddings) else {
                continue
            }
            weights[stage, default: StageWeights()].bytes += tensor.range.count
            weights[stage, default: StageWeights()].products +=
                tensor.shape.reduce(1, *) * (stage == .logits ? 1 : rows)
        }
        return weights
    }
}

/// The amount that the products of a stage read and compute in one pass.
struct StageWeights {
    var bytes = 0
    /// The number of multiplications, each with an addition.
    var products = 0
}
