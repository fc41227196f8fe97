import Transformer

/// A test of whether a peer computes the same model: a prompt, and the tokens that we find most likely after it.
struct PeerCheck: Equatable {
    /// The number of most likely tokens that may include the peer's.
    ///
    /// Chance would rarely hit one of ten among thousands of tokens.
    private static let count = 10

    var prompt: [Int]
    /// The most likely tokens, in descending order.
    var likeliest: [Int]

    init(prompt: [Int], likeliest: [Int]) {
        self.prompt = prompt
        self.likeliest = likeliest
    }

    /// - Throws: `InputError` if the prompt doesn't fit into the model's context.
    init(_ own: OwnModel) throws {
        let prompt = Workload(own.configuration).tokens(24)
        let run = Run(own.model, workers: own.workers)
        run.sequences = [own.model.makeSequence(promptCount: prompt.count)]
        let logits = try run.advance([Step(tokens: prompt)])[0].logits
        let row = Array(logits.row(logits.rows - 1))
        self.init(prompt: prompt, likeliest: Array(row.indices.sorted { row[$0] > row[$1] }.prefix(Self.count)))
    }
}
