import Statistics

/// What edits change on texts that have nothing to do with the behaviour. All means are over the positions whose next token
/// is known; intervals are by bootstrap over texts.
public struct NeutralEffect: Sendable, Codable, Equatable {
    /// The number of texts, and of predicted tokens in them.
    public var texts: Int
    /// See ``texts``.
    public var positions: Int
    /// KL(unedited ‖ edited) of the distributions of the next token, in nats: 0 for no effect at all.
    public var kl: MeanWithInterval
    /// The mean KL over the twentieth of the positions where it is largest, at least one: an edit that leaves most tokens alone
    /// may break a few (the expected shortfall at 5 %).
    public var worstKL: Double
    /// −ln p(next token), in nats a token, with the edits.
    public var crossEntropy: MeanWithInterval
    /// The same without edits.
    public var baseCrossEntropy: MeanWithInterval
    /// The change of the cross-entropy, token by token.
    public var crossEntropyChange: MeanWithInterval
    /// exp(cross-entropy), with and without the edits.
    public var perplexity: Double
    /// See ``perplexity``.
    public var basePerplexity: Double
    /// The share of positions at which the likeliest next token is the same with and without the edits.
    public var top1Agreement: MeanWithInterval
}
