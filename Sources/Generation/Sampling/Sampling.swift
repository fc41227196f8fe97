import DataFiles

/// How the next token is chosen from the logits.
public struct Sampling: Sendable, Equatable {
    /// The number that logits are divided by before the softmax; 0 takes the most probable token. The default is 0,
    /// because it makes runs comparable.
    public var temperature: Double
    /// The number of most probable tokens to choose from; 0 for all.
    public var topK: Int
    /// Limits the choice to the most probable tokens whose probabilities together reach p; 1 for all tokens (Holtzman
    /// et al. 2020, arXiv 1904.09751).
    public var topP: Double
    /// The seed of the random numbers: the same seed gives the same tokens.
    public var seed: UInt64

    /// A rule; by default it always takes the most probable token.
    ///
    /// - Precondition: a finite temperature of 0 or more, `topK` of 0 or more, 0 < `topP` ≤ 1.
    public init(temperature: Double = 0, topK: Int = 0, topP: Double = 1, seed: UInt64 = 0) {
        self.temperature = temperature
        self.topK = topK
        self.topP = topP
        self.seed = seed
    }

    /// - Throws: `InputError` of the kind `.usage` for a temperature that is negative or not finite, a negative top-k,
    ///   or a top-p that is not a probability above 0.
    func check() throws {
        guard temperature >= 0, temperature.isFinite else {
            throw InputError.usage("a temperature of \(temperature)", remedy: "take 0 or more")
        }
        guard topK >= 0 else { throw InputError.usage("a top-k of \(topK)", remedy: "take 0 (all tokens) or more") }
        guard topP > 0, topP <= 1 else {
            throw InputError.usage("a top-p of \(topP)", remedy: "take a probability above 0, 1 for all tokens")
        }
    }

    /// Always takes the most probable token.
    public static let greedy = Sampling()
}
