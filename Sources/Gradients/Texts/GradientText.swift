import Transformer

/// One text of a gradient run: what goes through the model, under which edits, what is differentiated, and with respect to what.
public struct GradientText: Sendable {
    /// All tokens that go through the model, at least one.
    public var tokens: [Int]
    /// What comes before ``tokens``, as constants; nil where they begin the text. Its P is the text's, and no edit and no read may
    /// concern it.
    public var past: GradientPast?
    /// Where the pass begins; nil for the embeddings. Texts that go through the model together begin at the embeddings unless all of them
    /// have a start, at the same block. No edit and no read may concern what is left out.
    package var start: GradientStart?
    /// P: how many of them are the prompt. See `PositionRule`.
    public var promptCount: Int
    /// Changes of sites, carried out in this order where several concern the same values.
    ///
    /// Those that have a derivative: not `rotate`, not `custom`, none that keeps the norm or has a gate, and none of the logits.
    public var edits: [Edit]
    /// What is differentiated.
    public var objective: Objective
    /// With respect to which values, at which positions.
    public var reads: [Read]

    /// A text of given tokens.
    public init(
        tokens: [Int], after past: GradientPast? = nil, promptCount: Int, edits: [Edit] = [], objective: Objective,
        reads: [Read] = []
    ) {
        self.tokens = tokens
        self.past = past
        self.promptCount = promptCount
        self.edits = edits
        self.objective = objective
        self.reads = reads
    }

    /// A prompt with its completion, whose last token isn't needed: the positions `last` predict the completion's tokens.
    public init(
        prompt: [Int], completion: [Int], edits: [Edit] = [], objective: Objective, reads: [Read] = []
    ) {
        self.init(
            tokens: prompt + completion.dropLast(), promptCount: prompt.count, edits: edits, objective: objective,
            reads: reads)
    }
}
