import DataFiles
import Transformer

/// One text to generate.
public struct GenerationRequest: Sendable {
    /// The prompt's tokens, at least one.
    public var prompt: [Int]
    /// Changes of sites, in the prompt's pass and in every later pass, at the positions given by each edit's rule.
    public var edits: [Edit]
    /// What to keep of every pass; see ``BatchGenerator/readings``.
    public var reads: [Read] = []
    /// How tokens are chosen; by default the most probable one.
    public var sampling: Sampling
    /// The most tokens to generate. The default, 128, is about a paragraph.
    public var maxTokens: Int
    /// Tokens that end the text. They are part of the ids, but not of the text.
    public var endTokens: Set<Int>
    /// What a run has already computed of the prompt's beginning, to save that work; nil for nothing. At least one
    /// token of the prompt must be left.
    public var prefix: SequenceState?
    /// Which of the seed's streams of random numbers the text draws from; nil for the text's place in the batch.
    ///
    /// Name a stream for a text that has to be the same in any batch.
    public var stream: UInt64?

    /// - Parameter prefix: computed of this very prompt, under edits that do the same to its positions as these edits
    ///   do (``SequenceState/isComputed(under:)``); ``GenerationRequest/check(_:)`` refuses any other.
    public init(
        prompt: [Int], edits: [Edit] = [], sampling: Sampling = .greedy, maxTokens: Int = 128,
        endTokens: Set<Int> = [], prefix: SequenceState? = nil, stream: UInt64? = nil
    ) {
        self.prefix = prefix
        self.stream = stream
        self.prompt = prompt
        self.edits = edits
        self.sampling = sampling
        self.maxTokens = maxTokens
        self.endTokens = endTokens
    }

    /// Checks that a model can carry out the request; everything that generates calls this before it begins.
    ///
    /// - Throws: `InputError`: of the kind `.usage` for an empty prompt, edits that don't fit the model, sampling that
    ///   makes no sense, and a prefix of another prompt or under other edits; `.badData` for tokens that the model
    ///   doesn't have or more tokens than its context holds.
    public func check(_ model: LanguageModel) throws {
        try model.check(prompt: prompt)
        try model.check(edits: edits)
        try model.check(reads: reads)
        try sampling.check()
        guard maxTokens >= 0 else {
            throw InputError.usage("\(maxTokens) tokens to generate", remedy: "ask for 0 or more")
        }
        guard let prefix else { return }
        guard prefix.count < prompt.count, prefix.promptCount == prompt.count, prompt.starts(with: prefix.tokens) else {
            throw InputError.usage(
                "a prefix of another prompt", remedy: "give some of the prompt's own first tokens, not all of them")
        }
        guard prefix.isComputed(under: edits) else {
            throw InputError.usage("a prefix that was computed under other edits", remedy: "compute it anew")
        }
    }
}

extension GenerationRequest {
    /// The most positions that go through a model: the prompt and every generated token but the last.
    func mostPositions(in model: LanguageModel) -> Int {
        let room = max(model.longestText(promptCount: prompt.count) - prompt.count, 0)
        return prompt.count + min(max(maxTokens - 1, 0), room)
    }
}

/// Why a text ended.
public enum StopReason: String, Sendable, Codable {
    /// The model generated an end token.
    case endToken = "end"
    /// The requested number of tokens is reached.
    case tokenLimit = "length"
    /// The model's context is full.
    case contextFull = "context"
    /// The time that a ``GenerationService`` gives each text is over.
    case timeLimit = "time"
    /// Some logits are NaN or infinite, so no token can be chosen: the weights are broken, or an edit is far too
    /// strong.
    case notFinite = "not-finite"
    /// The task or the caller cancelled the text.
    case cancelled
}
