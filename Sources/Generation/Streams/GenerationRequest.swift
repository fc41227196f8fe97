import DataFiles
import Transformer

/// One text to generate.
public struct GenerationRequest: Sendable {
    /// The prompt's tokens, at least one.
    public var prompt: [Int]
    /// Changes of sites, in the prompt's pass and in every one after it, at the positions that each edit's rule says.
    public var edits: [Edit]
    /// What to keep of every pass; see ``BatchGenerator/readings``.
    public var reads: [Read] = []
    /// How tokens are chosen; by default the most probable one.
    public var sampling: Sampling
    /// The most tokens to generate. The default, 128, is a paragraph.
    public var maxTokens: Int
    /// Tokens after which the text ends. They are part of the ids and not of the text.
    public var endTokens: Set<Int>
    /// What a run computed of the prompt's beginning already, to save that work; nil for nothing. At least one token of
    /// the prompt has to be left.
    public var prefix: SequenceState?
    /// Which of the seed's streams of random numbers the text draws from; nil for its place in the batch. Texts that are
    /// to be the same however they are put together name their own.
    public var stream: UInt64?

    /// - Parameter prefix: it must be of this very prompt, and computed under what these edits do to its positions
    ///   (``SequenceState/isComputed(under:)``): one that was computed under another plan is a wrong one.
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

    /// Checks that a model can carry out the request. Whatever generates does so before it begins.
    ///
    /// - Throws: `InputError`: of the kind `.usage` for an empty prompt, edits that the model has no place for, sampling that
    ///   means nothing, and a prefix of another prompt or of other edits; `.badData` for tokens that the model doesn't have or
    ///   more than its context.
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
    /// The most positions that go through a model: the prompt and every token but the last.
    func mostPositions(in model: LanguageModel) -> Int {
        let room = max(model.longestText(promptCount: prompt.count) - prompt.count, 0)
        return prompt.count + min(max(maxTokens - 1, 0), room)
    }
}

/// Why a text ended.
public enum StopReason: String, Sendable, Codable {
    /// The model wrote an end token.
    case endToken = "end"
    /// The number of tokens that was asked for is reached.
    case tokenLimit = "length"
    /// The model's context is full.
    case contextFull = "context"
    /// The time that a ``GenerationService`` gives each text is over.
    case timeLimit = "time"
    /// Logits are NaN or infinite, so that no token can be chosen: broken weights, or an edit far too strong.
    case notFinite = "not-finite"
    /// The task or the caller cancelled it.
    case cancelled
}
