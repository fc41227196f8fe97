import Transformer

/// What tells that a peer computes the same model: a prompt, and the tokens that we find likeliest after it.
struct PeerCheck: Equatable {
    /// How many of the likeliest tokens a peer's may be among. Chance would hit one of ten in thousands.
    private static let count = 10

    var prompt: [Int]
    /// The likeliest first.
    var likeliest: [Int]

    init(prompt: [Int], likeliest: [Int]) {
        self.prompt = prompt
        self.likeliest = likeliest
    }

    /// - Throws: `InputError` where the prompt doesn't fit into the model's context.
    init(_ own: OwnModel) throws {
        let prompt = Workload(own.configuration).tokens(24)
        let run = Run(own.model, workers: own.workers)
        run.sequences = [own.model.makeSequence(promptCount: prompt.count)]
        let logits = try run.advance([Step(tokens: prompt)])[0].logits
        let row = Array(logits.row(logits.rows - 1))
        self.init(prompt: prompt, likeliest: Array(row.indices.sorted { row[$0] > row[$1] }.prefix(Self.count)))
    }
}
