import Statistics

/// The effects of edits on texts that have nothing to do with the behaviour.
///
/// All means are over the positions whose next token is known; intervals are by bootstrap over texts.
public struct NeutralEffect: Sendable, Codable, Equatable {
    /// The number of texts.
    public var texts: Int
    /// The number of predicted tokens in the texts.
    public var positions: Int
    /// KL(unedited ‖ edited) of the distributions of the next token, in nats; 0 for no effect at all.
    public var kl: MeanWithInterval
    /// The mean KL over the twentieth of the positions where it is largest, at least one position (the expected
    /// shortfall at 5 %).
    ///
    /// An edit that leaves most tokens alone may break a few.
    public var worstKL: Double
    /// −ln p(next token), in nats a token, with the edits.
    public var crossEntropy: MeanWithInterval
    /// −ln p(next token), in nats a token, without edits.
    public var baseCrossEntropy: MeanWithInterval
    /// The change of the cross-entropy, token by token.
    public var crossEntropyChange: MeanWithInterval
    /// exp(cross-entropy) with the edits.
    public var perplexity: Double
    /// exp(cross-entropy) without edits.
    public var basePerplexity: Double
    /// The share of positions at which the most likely next token is the same with and without the edits.
    public var top1Agreement: MeanWithInterval
}
